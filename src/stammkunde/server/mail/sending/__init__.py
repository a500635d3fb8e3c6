"""From a due row of the ledger to a message that has left: claim, check, render, hand over, settle."""
