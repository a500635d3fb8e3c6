"""How staff log in: by address, and nobody signs up without an invitation."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's ways, less the open door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False
