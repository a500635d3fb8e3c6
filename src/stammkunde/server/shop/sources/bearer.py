"""Shops that hand out a token for a while: asked for once, and again when it is refused."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from stammkunde.server.shop.sources.base import Answer, Client, SourceError
from stammkunde.server.shop.sources.payloads import Node

Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]


class Bearer:
    """A shop's address, asked with a token that `login` gets. A token that was good and is refused is renewed."""

    def __init__(self, client: Client, login: Callable[[], str]) -> None:
        self.client, self.login = client, login
        self.token, self.was_good = "", False
        self.began_at: datetime | None = None

    def ask(self, method: str, url: str, *, params: Params | None = None, document: Any = None) -> Node:
        """The object a shop answers with.

        Raises
        ------
        SourceError : the shop refuses, also with a token that is new, or answers something else.
        """
        self.token = self.token or self.login()
        try:
            answer = self._ask(method, url, params=params, document=document)
        except SourceError:
            if not self.was_good:
                raise
            # Tokens of Shopware live for ten minutes, a first pull for hours.
            self.token, self.was_good = self.login(), False
            answer = self._ask(method, url, params=params, document=document)
        self.was_good = True
        self.began_at = self.began_at or told_at(answer)
        return object_of(answer)

    def _ask(self, method: str, url: str, *, params: Params | None, document: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return self.client.ask(method, url, params=params, document=document, headers=headers)


def told_at(answer: Answer) -> datetime | None:
    """When the shop answered, by its own clock: what changed before the first answer is in what follows it."""
    try:
        found = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def object_of(answer: Answer) -> Node:
    """The object in an answer.

    Raises
    ------
    SourceError : it is something else.
    """
    found = answer.document()
    if not isinstance(found, Mapping):
        raise SourceError("The shop answered with something that is no object.")
    return Node(found)


def address(told: str) -> str:
    """The address of a shop as it was entered, with a scheme and without the last slash."""
    found = told.strip().rstrip("/")
    return found if "://" in found else f"https://{found}"
