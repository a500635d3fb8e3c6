"""What can be asked of the room: the ledger, the rates, runs and predictions, groups, acquisition."""
