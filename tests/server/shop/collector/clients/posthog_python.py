"""posthog: a visit of Anna. Arguments: address, write key."""

import sys

from posthog import Posthog

for packed in (False, True):
    wrong: list[str] = []
    client = Posthog(
        sys.argv[2], host=sys.argv[1], gzip=packed, on_error=lambda error, _, wrong=wrong: wrong.append(str(error))
    )
    who = f"posthog-python-{packed}"
    client.set(distinct_id=who, properties={"email": f"{who}@example.com", "name": "Anna Ält"})
    bought = {"cart_id": who, "sku": "TEA-1", "price": 12.5, "quantity": 2, "currency": "EUR"}
    client.capture("Product Added", distinct_id=who, properties=bought)
    client.capture("$pageview", distinct_id=who, properties={"$current_url": "https://teehaus.example/"})
    client.alias(f"{who}-before", who)
    client.flush()
    client.shutdown()
    if wrong:
        sys.exit("; ".join(wrong))
