"""A shop that answers from a script, instead of the network."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stammkunde.server.shop.sources.base import Answer

Asked = dict[str, Any]


class Shop:
    """A client whose answers a function makes from what is asked; remembers both asking and waiting."""

    def __init__(self, answer: Callable[[Asked], Any], *, headers: Mapping[str, str] | None = None) -> None:
        self.answer, self.headers = answer, dict(headers or {})
        self.asked: list[Asked] = []
        self.waited: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | Sequence[tuple[str, str | int]] | None = None,
        document: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        asked = {"method": method, "url": url, "params": dict(params or {}), "document": document,
                 "headers": dict(headers or {}), "auth": auth}  # fmt: skip
        self.asked.append(asked)
        return Answer(200, self.headers, json.dumps(self.answer(asked), default=str).encode())
