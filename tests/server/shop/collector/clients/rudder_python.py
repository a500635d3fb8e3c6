"""rudder-sdk-python: a visit of Anna. Arguments: address, write key."""

import sys

import rudderstack.analytics as rudder

wrong: list[str] = []
rudder.write_key, rudder.dataPlaneUrl = sys.argv[2], sys.argv[1]
rudder.on_error = lambda error, _: wrong.append(str(error))
who = "rudder-python"
rudder.identify(who, {"email": f"{who}@example.com", "name": "Anna Ält"})
rudder.track(who, "Product Added", {"cart_id": who, "sku": "TEA-1", "price": 12.5, "quantity": 2, "currency": "EUR"})
rudder.page(who, "Shop", "Tea", {"url": "https://teehaus.example/"})
rudder.screen(who, "Shop", "Tea")
rudder.group(who, "g1", {"name": "Teehaus GmbH"})
rudder.alias(f"{who}-before", who)
rudder.flush()
rudder.shutdown()
if wrong:
    sys.exit("; ".join(wrong))
