"""The same story with people in it: a shop's memory, what its customers are worth, and pages for its staff (Django).

Rooms, bottom to top: lib (work, money, sets), ui (layout), accounts (staff), shop (facts), clv (value), segments,
dashboards (pages that combine rooms). Needs the extra `server`. Refuses to compute what the library computes.
"""
