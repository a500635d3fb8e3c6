"""The engine: who enters, who moves on, who leaves; in sets, and the same over the past as now.

Nothing in here reads the clock or looks at what lies after `now`, and all tables are asked by their plain names.
"""
