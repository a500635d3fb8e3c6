"""KNOW: may we? The ledger of consents, the matrix of legal bases, suppression, and what people prefer.

Writes an entry for every consent, objection and request. Refuses to know what a message says, and who sends it.
"""
