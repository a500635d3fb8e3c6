"""Who listens: endpoints are added, changed, given another secret, switched off."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions.staff import RefusedError, record
from stammkunde.server.accounts.events import fits
from stammkunde.server.accounts.models import Dispatch, Endpoint, Key, User
from stammkunde.server.lib.seal import seal, unseal

BOTH = timedelta(hours=24)  # how long the secret before signs along


@dataclass(frozen=True)
class Wish:
    """Where to tell, what about, and what for. `private` allows the own network, and http."""

    url: str
    events: Sequence[str]
    about: str = ""
    private: bool = False


def judge(wish: Wish) -> None:
    """See that it can be told.

    Raises
    ------
    RefusedError : it cannot; the text says why.
    """
    try:
        parts = urlsplit(wish.url)
        strange = not parts.hostname or parts.username is not None or parts.port == 0 or bool(parts.fragment)
    except ValueError:  # brackets that are not closed, or a port that is no number
        strange = True
    if strange or len(wish.url) > 500 or any(ord(each) <= 32 for each in wish.url):
        raise RefusedError(_("This is no address: it begins with https://, without user and password in it."))
    if parts.scheme != "https" and not (wish.private and parts.scheme == "http"):
        raise RefusedError(_("Events hold data of customers: the address has to begin with https://."))
    if not wish.events or not all(map(fits, wish.events)):
        raise RefusedError(_("Say what to tell: *, a family such as message.*, or an event such as message.sent."))


@transaction.atomic
def add(wish: Wish, *, now: datetime, by: User | Key | None) -> tuple[Endpoint, str]:
    """An endpoint, and its secret, which is shown this once.

    Raises
    ------
    RefusedError : it is no address, or listens to nothing.
    """
    judge(wish)
    secret = _secret()
    maker = by.by if isinstance(by, Key) else by
    made = Endpoint.objects.create(
        url=wish.url, about=wish.about, events=list(dict.fromkeys(wish.events)), private=wish.private,
        sealed=seal({"secrets": [secret]}), created_at=now, by=maker,
    )  # fmt: skip
    _note("added", made, now, by, url=made.url, events=made.events)
    return made, secret


@transaction.atomic
def change(endpoint: Endpoint, wish: Wish, *, active: bool, now: datetime, by: User | Key | None) -> Endpoint:
    """Another address or other events; switched on again, it is told what has waited meanwhile.

    Raises
    ------
    RefusedError : it is no address, or listens to nothing.
    """
    judge(wish)
    kept = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    before = {"url": kept.url, "about": kept.about, "events": kept.events, "active": kept.active}
    after = {"url": wish.url, "about": wish.about, "events": list(dict.fromkeys(wish.events)), "active": active}
    fresh = {"failing_since": None, "disabled_at": None, "disabled_why": ""} if active and not kept.active else {}
    Endpoint.objects.filter(pk=kept.pk).update(**after, **fresh, private=wish.private)
    if fresh:
        kept.dispatches.filter(state=Dispatch.State.WAITING).update(due_at=now, attempts=0)
    if before != after or kept.private != wish.private:
        _note("changed", kept, now, by, **{"from": before, "to": after})
    return Endpoint.objects.get(pk=kept.pk)


@transaction.atomic
def rotate(endpoint: Endpoint, *, now: datetime, by: User | Key | None) -> str:
    """Another secret, shown this once; the one before signs along for a day, so that nobody misses anything."""
    kept = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    secret = _secret()
    old = unseal(kept.sealed)["secrets"][:1]
    Endpoint.objects.filter(pk=kept.pk).update(sealed=seal({"secrets": [secret, *old]}), old_until=now + BOTH)
    _note("gave another secret to", kept, now, by)
    return secret


@transaction.atomic
def remove(endpoint: Endpoint, *, now: datetime, by: User | Key | None) -> None:
    """Nothing is told there any more; what it was told goes too."""
    _note("removed", endpoint, now, by, url=endpoint.url)
    endpoint.delete()


@transaction.atomic
def disable(endpoint: Endpoint, why: str, *, now: datetime) -> None:
    """Tell it nothing for now, since nobody hears it; the settings and the log say so."""
    off = {"active": False, "disabled_at": now, "disabled_why": why[:500]}
    if Endpoint.objects.filter(pk=endpoint.pk, active=True).update(**off):
        _note("disabled", endpoint, now, None, why=why)


def signing(endpoint: Endpoint, *, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first."""
    known: list[str] = unseal(endpoint.sealed)["secrets"]
    return known if endpoint.old_until is not None and now < endpoint.old_until else known[:1]


def _secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _note(verb: str, endpoint: Endpoint, now: datetime, by: User | Key | None, **change: object) -> None:
    record(verb, "webhook", now=now, by=by, subject_id=endpoint.pk, title=str(endpoint), change=change)
