"""What every page knows: who looks, in which language and light, what may be reached."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from stammkunde.server.ui.navigation import navigation


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of the layout."""
    user = getattr(request, "user", None)
    return {
        "navigation": navigation(request.path),
        "language": get_language() or "en",
        "theme": getattr(user, "theme", "") or "",
        "demo": settings.DEMO,
        "currency": settings.CURRENCY,
    }
