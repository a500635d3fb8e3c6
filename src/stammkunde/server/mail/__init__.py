"""DO: templates and their versions, rendering, the ledger of what is sent to whom, sending, what comes back.

Writes a row for every message, sent or not, and why. Refuses to know why a journey or campaign wanted it.
"""
