"""Pages as an attacker reads them: what in them is an element, an attribute or an address that nobody meant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.db import models
from django.test import Client

from server.accounts.test_roles import View, views

#: What attributes may lead to; every other scheme is a program or a picture of one.
SCHEMES = {"", "http", "https", "mailto", "tel"}
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "xlink:href", "srcset", "background", "ping"}
FOREIGN = {"iframe", "object", "embed", "base", "applet", "style", "frame", "template", "foreignobject", "set"}
EVAL = ("hx-on", "hx-vars")  # htmx runs what stands in them


@dataclass
class Form:
    """A form of a page: where it goes and what it asks."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    """Reads a page and notes what should not be in it, and the forms that are."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.forms: list[Form] = []
        self.text: list[str] = []
        self.script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag in FOREIGN or tag.startswith("xss"):
            self.faults.append(f"<{tag}>")
        if tag == "script":
            self.script = True
            if not known.get("src", "").startswith("/static/"):
                self.faults.append("<script> without a file of ours")
        if tag == "meta" and "http-equiv" in known:
            self.faults.append(f"<meta http-equiv={known['http-equiv']}>")
        for name, value in known.items():
            self._attribute(tag, name, value)
        self._form(tag, known)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "style" or name.startswith(("on", *EVAL)):
            self.faults.append(f"<{tag} {name}={value[:60]!r}>")
        if name.startswith("hx-") and re.match(r"\s*(js|javascript):", value):
            self.faults.append(f"<{tag} {name}={value[:60]!r}>")
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", value).lower())
        if name in ADDRESSES and scheme and scheme[1] not in SCHEMES and not value.startswith("data:image/png;base64,"):
            self.faults.append(f"<{tag} {name}={value[:60]!r}>")

    def _form(self, tag: str, known: dict[str, str]) -> None:
        if tag == "form":
            self.forms.append(Form(known.get("action", ""), known.get("method", "get").lower()))
        elif tag in {"input", "textarea", "select", "button"} and self.forms and known.get("name"):
            kind = known.get("type", "text" if tag != "select" else "select")
            self.forms[-1].fields.setdefault(known["name"], known.get("value", ""))
            if kind in {"text", "search", "email", "url", "tel", "password"} or tag == "textarea":
                self.forms[-1].typed.append(known["name"])

    def handle_endtag(self, tag: str) -> None:
        self.script = self.script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self.script and data.strip():
            self.faults.append(f"a script in the page: {data[:60]!r}")
        self.text.append(data)


@dataclass(frozen=True)
class Shown:
    """An answer with its address."""

    address: str
    answer: Any
    body: bytes

    @classmethod
    def of(cls, address: str, answer: Any) -> "Shown":
        """The answer, read to its end."""
        return cls(address, answer, b"".join(answer) if answer.streaming else answer.content)

    @property
    def html(self) -> str:
        return self.body.decode()

    @property
    def is_page(self) -> bool:
        return "html" in self.answer.headers.get("Content-Type", "")


def keys_there() -> list[int]:
    """Numbers that rows have, the first few of each table."""
    from stammkunde.server.accounts.models import User  # the apps are there only by then

    tables = [each for each in models_of_ours() if isinstance(each._meta.pk, models.AutoField)]
    rows = {
        pk for model in [User, *tables] for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:3]
    }
    return sorted(rows)[:12]


def models_of_ours() -> list[type[models.Model]]:
    from django.apps import apps  # they are there only by then

    return [model for model in apps.get_models() if model.__module__.startswith("stammkunde.")]


def patterns() -> Iterator[tuple[str, View]]:
    """Addresses of the house as the URL conf has them, parameters still in them."""
    yield from views(fill=False)


def addresses(*, skip: tuple[str, ...] = ("/static/", "/api/", "/account/logout/")) -> list[str]:
    """Every address, with the number of each row that is there in the place of a number."""
    found = []
    for address, _ in patterns():
        if address.startswith(skip) or set("^$()\\") & set(address):
            continue
        if "<int:" in address:
            found += [re.sub(r"<int:\w+>", str(pk), address) for pk in keys_there()]
        else:
            found.append(re.sub(r"<(?:\w+:)?\w+>", "nobody", address))
    return list(dict.fromkeys(found))


def pages(client: Client, query: str = "") -> Iterator[Shown]:
    """What every address answers to GET."""
    for address in addresses():
        yield Shown.of(address + query, client.get(address + query))
