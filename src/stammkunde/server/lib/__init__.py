"""GROUND: due work as rows, money in minor units, sets of rows at once, secrets, settings from the environment.

Writes the rows of `Job`. Refuses to know shops, customers or pages.
"""
