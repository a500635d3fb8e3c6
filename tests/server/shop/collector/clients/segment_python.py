"""segment-analytics-python: a visit of Anna. Arguments: address, write key."""

import sys

from segment.analytics.client import Client

for packed in (False, True):
    client = Client(sys.argv[2], host=sys.argv[1], gzip=packed, on_error=lambda error, _: sys.exit(str(error)))
    who = f"segment-python-{packed}"
    client.identify(who, {"email": f"{who}@example.com", "name": "Anna Ält"})
    client.track(
        who, "Product Added", {"cart_id": who, "sku": "TEA-1", "price": 12.5, "quantity": 2, "currency": "EUR"}
    )
    client.page(who, "Shop", "Tea", {"url": "https://teehaus.example/"})
    client.screen(who, "Shop", "Tea")
    client.group(who, "g1", {"name": "Teehaus GmbH"})
    client.alias(f"{who}-before", who)
    client.flush()
    client.join()
