"""GROUND: staff, their roles and second factor, API keys with scopes, and the log of every change.

Tells the world of events by webhook, for all rooms. Writes entries of the audit log. Refuses to know customers: they
have no login here.
"""
