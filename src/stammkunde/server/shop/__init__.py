"""KNOW: customers and their identities, products, prices, orders, refunds, carts, deliveries, one timeline.

Facts come in through `sources` (one file each) and the `collector`, normalised at the door, the raw word kept. Writes
the events of the timeline. Refuses to know what a customer is worth, and whether anybody may write to them.
"""
