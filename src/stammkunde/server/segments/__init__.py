"""DECIDE: rules, saved audiences, lifecycle states, and who moved when and why.

Writes moves. Refuses to act on them.
"""
