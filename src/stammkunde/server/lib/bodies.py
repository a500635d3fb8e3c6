"""What the bodies of requests to the API are made of."""

from typing import Any

from pydantic import BaseModel


class Body(BaseModel):
    """The body of a request: an object. Ninja's own schema reads attributes, too, so that a number would pass for an
    object in which everything is left out."""

    def dict(self, **asked: Any) -> dict[str, Any]:
        """Its values by name."""
        return self.model_dump(**asked)
