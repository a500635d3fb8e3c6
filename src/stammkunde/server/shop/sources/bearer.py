"""Shops that hand out a token for a while: asked for once, and again when it is refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stammkunde.server.shop.sources.base import Answer, Client, SourceError
from stammkunde.server.shop.sources.payloads import Node

Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]


class Bearer:
    """A shop's address, asked with a token that `login` gets. A token that was good and is refused is renewed."""

    def __init__(self, client: Client, login: Callable[[], str]) -> None:
        self.client, self.login = client, login
        self.token, self.was_good = "", False

    def ask(self, method: str, url: str, *, params: Params | None = None, document: Any = None) -> Node:
        """The object a shop answers with.

        Raises
        ------
        SourceError : the shop refuses, also with a token that is new, or answers something else.
        """
        return object_of(self.request(method, url, params=params, document=document))

    def request(self, method: str, url: str, *, params: Params | None = None, document: Any = None) -> Answer:
        """What a shop answers, whatever it is.

        Raises
        ------
        SourceError : the shop refuses, also with a token that is new.
        """
        self.token = self.token or self.login()
        try:
            answer = self._once(method, url, params=params, document=document)
        except SourceError:
            if not self.was_good:
                raise
            # Tokens of Shopware live for ten minutes, a first pull for hours.
            self.token, self.was_good = self.login(), False
            answer = self._once(method, url, params=params, document=document)
        self.was_good = True
        return answer

    def _once(self, method: str, url: str, *, params: Params | None, document: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return self.client.ask(method, url, params=params, document=document, headers=headers)


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
