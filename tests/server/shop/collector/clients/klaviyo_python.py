"""klaviyo-api: a profile and an event of Anna. Arguments: address, write key."""

import sys

from klaviyo_api import KlaviyoAPI

client = KlaviyoAPI(sys.argv[2], max_delay=1, max_retries=1)
client.api_client.configuration.host = sys.argv[1]
profile = {
    "email": "klaviyo-python@example.com",
    "first_name": "Anna",
    "last_name": "Ält",
    "external_id": "klaviyo-python",
}
client.Profiles.create_or_update_profile({"data": {"type": "profile", "attributes": profile}})
articles = [{"ProductID": "TEA-1", "ProductName": "Assam", "ItemPrice": 12.5, "Quantity": 2}]
event = {
    "metric": {"data": {"type": "metric", "attributes": {"name": "Added to Cart"}}},
    "profile": {"data": {"type": "profile", "attributes": profile}},
    "properties": {"cart_id": "klaviyo-python", "Items": articles},
    "time": "2026-03-01T08:00:00Z",
    "value": 25.0,
    "value_currency": "EUR",
    "unique_id": "klaviyo-python-1",
}
for _ in range(2):
    client.Events.create_event({"data": {"type": "event", "attributes": event}})
