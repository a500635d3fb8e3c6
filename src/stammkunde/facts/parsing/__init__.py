"""From text as people and programs write it to numbers and days, as expressions that any engine runs.

First a column is looked at as a whole (`evidence`), because 1.234 and 03/04/2024 cannot be read one at a time; then
every value is parsed, and what cannot be is null.
"""
