"""DO: newsletters: one message to many, now or later, with the archive of what was sent.

Writes campaigns and their tests. Refuses to know journeys; both compete for a customer's attention in `mail`.
"""
