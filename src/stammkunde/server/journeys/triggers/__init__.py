"""What lets people in: for each word of a trigger a SELECT of what happened within a time, a family a file.

Another room registers a trigger of its own under `base.source`. The columns are customer_id, moment, order_id, cart_id,
refs (JSON as text) and what: the name of the happening, the same each time it is asked.
"""
