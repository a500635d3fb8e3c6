"""One slot, one winner: which of the messages that want a customer's attention gets it, what stops all of them for now,
what each is expected to bring, and how much of it a customer bears.

Asked by sending (`choosing.choose`); told what happened by the ledger alone. Order mails never come here.
"""
