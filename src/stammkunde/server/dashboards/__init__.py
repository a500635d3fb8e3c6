"""ACROSS: pages that combine rooms: start, customers and their profile.

Writes nothing. Refuses to compute: rooms are asked.
"""
