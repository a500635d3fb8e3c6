"""snowplow-tracker: a visit of Anna; the id of the app is the write key. Arguments: address, write key."""

import sys
from urllib.parse import urlsplit

from snowplow_tracker import Emitter, PageView, SelfDescribing, SelfDescribingJson, Subject, Tracker

place = urlsplit(sys.argv[1])
for number, (method, as_base64) in enumerate((("post", True), ("post", False), ("get", True))):
    emitter = Emitter(place.hostname, protocol="http", port=place.port, method=method, batch_size=1)
    subject = Subject()
    subject.set_user_id(f"snowplow-python-{number}")
    tracker = Tracker("shop", emitter, subject=subject, app_id=sys.argv[2], encode_base64=as_base64)
    tracker.track(PageView("https://teehaus.example/", "Tea"))
    bought = {"cart_id": f"snowplow-{number}", "sku": "TEA-1", "price": 12.5, "quantity": 2, "currency": "EUR"}
    schema = "iglu:example.teehaus/product_added/jsonschema/1-0-0"
    tracker.track(SelfDescribing(SelfDescribingJson(schema, bought)))
    tracker.flush()
