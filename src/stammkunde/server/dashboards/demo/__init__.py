"""The demo: the bundled shop as if it were open today, with weeks of mail behind it.

The orders are real and old; their days are moved to the present. What such a shop would have beside them (addresses,
consents, parcels, carts) is made up from the numbers of its customers and orders, the same each time; addresses are at
example.com. The mail is not made up: the engine itself lived through the last weeks. Nothing leaves the house: letters
are kept as files. It refuses to touch a shop that has anything else in it.
"""
