"""Who may ask the API: a key with the scope, or staff in their session with the right."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth

from stammkunde.server.accounts.actions import digest
from stammkunde.server.accounts.gate import lacks_factor
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right

ROUNDED = timedelta(minutes=5)  # the last use is known this well; a write for every request would be too many


class KeyAuth(HttpBearer):
    """`Authorization: Bearer stk_…`."""

    def __init__(self, right: Right) -> None:
        super().__init__()
        self.right = right

    def authenticate(self, request: HttpRequest, token: str) -> Any | None:
        """The key, where it is known and not ended. It is looked up by its hash, so no comparison tells by its time.

        Raises
        ------
        HttpError : 403, the key lacks the scope.
        """
        del request
        key = Key.objects.filter(digest=digest(token), ended_at=None).select_related("by").first()
        if key is None or (key.by is not None and not key.by.is_active):
            return None
        if not key.may(self.right):
            raise HttpError(403, f"This key lacks the scope {self.right}, or whoever made it lost the right.")
        now = timezone.now()
        if key.used_at is None or now - key.used_at > ROUNDED:
            Key.objects.filter(pk=key.pk).update(used_at=now)
        return key


class StaffAuth(SessionAuth):
    """Staff in their session, with the token against forged requests."""

    def __init__(self, right: Right) -> None:
        super().__init__()
        self.right = right

    def __call__(self, request: HttpRequest) -> Any | None:
        """Who shows a key is judged by the key; who is not logged in has nothing that could be forged."""
        if "Authorization" in request.headers or not isinstance(request.user, User):
            return None
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:
        """Who is logged in.

        Raises
        ------
        HttpError : 403, the role lacks the right, or a second factor is missing.
        """
        del key
        if not isinstance(request.user, User):
            return None
        if not request.user.may(self.right):
            raise HttpError(403, f"The role {request.user.role} may not do this: {self.right}.")
        if lacks_factor(request.user, self.right):
            raise HttpError(403, "Settings open with a second factor: set one up under Settings.")
        return request.user


def scoped(right: Right) -> list[Any]:
    """`auth=scoped(Right.SEE)` of an API operation."""
    return [KeyAuth(right), StaffAuth(right)]
