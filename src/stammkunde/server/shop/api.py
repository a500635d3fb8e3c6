"""What the room says and takes through the API."""

from ninja import Router

router = Router(tags=["shop"])
