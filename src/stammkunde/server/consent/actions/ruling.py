"""What the owner makes of the matrix: tighter, or looser at the owner's own risk; and the words people agree to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.consent.bases import Basis
from stammkunde.server.consent.models import Notice, RuleChange, Wording
from stammkunde.server.consent.packs import PACKS
from stammkunde.server.consent.queries.rules import DEFAULTS, rules


@transaction.atomic
def change_row(
    pack: str, purpose: str, bases: Sequence[str], *, now: datetime, by: User | Key, reason: str = ""
) -> RuleChange:
    """Let these bases carry a purpose in a country, in this order; none of them forbids it. What the pack does not
    allow is a loosening: it needs a reason, and the log keeps it.

    Raises
    ------
    StammkundeError : it loosens the law of the pack and no reason is given.
    """
    asked = tuple(Basis(each) for each in bases)
    before = rules().row(PACKS[pack], purpose).bases
    loosened = bool(set(asked) - set(PACKS[pack].rows[purpose].bases))
    if loosened and not reason.strip():
        advice = _("Say why you may, for instance which lawyer said so. It is kept in the log.")
        raise StammkundeError(_("This is looser than the law of the country as we read it."), advice=advice)
    change = {"from": {"bases": [*before]}, "to": {"bases": [*asked]}, "loosened": loosened, "reason": reason}
    record("loosened" if loosened else "changed", "rule", now=now, by=by, title=f"{pack} {purpose}", change=change)
    return RuleChange.objects.create(
        pack=pack, purpose=purpose, value=[*asked], loosened=loosened, reason=reason[:500], at=now, by=_person(by)
    )


@transaction.atomic
def change_setting(setting: str, value: Any, *, now: datetime, by: User | Key, reason: str = "") -> RuleChange:
    """Another value of a setting of the matrix: `home`, `all_similar`, `fades_after`, `warns_after` (years).

    Raises
    ------
    StammkundeError : it loosens and no reason is given.
    ValueError : no such setting, or no such value.
    """
    value = _fitting(setting, value)
    loosened = (setting == "all_similar" and bool(value)) or (
        setting == "fades_after" and float(value) > float(str(DEFAULTS["fades_after"]))
    )
    if loosened and not reason.strip():
        advice = _("Say why. It is kept in the log.")
        raise StammkundeError(_("This is looser than the law as we read it."), advice=advice)
    change = {"to": {setting: value}, "loosened": loosened, "reason": reason}
    record("loosened" if loosened else "changed", "rule", now=now, by=by, title=setting, change=change)
    return RuleChange.objects.create(
        setting=setting, value=value, loosened=loosened, reason=reason[:500], at=now, by=_person(by)
    )


def _fitting(setting: str, value: Any) -> Any:
    if setting == "home":
        land = str(value).upper()
        if len(land) != 2 or not land.isascii() or not land.isalpha():
            raise ValueError(_("A country is two letters, like DE."))
        return land
    if setting == "all_similar":
        return bool(value)
    if setting in ("fades_after", "warns_after") and 0 < float(value) <= 100:
        return float(value)
    raise ValueError(_("There is no such setting, or it cannot have this value."))


@transaction.atomic
def word(topic: str, language: str, text: str, *, now: datetime, by: User | Key | None) -> Wording:
    """A new version of the words people agree to, or are told; the same words again are the version there is."""
    latest = Wording.objects.filter(topic=topic, language=language).order_by("-number").first()
    if latest is not None and latest.text == text:
        return latest
    last = Wording.objects.filter(topic=topic, language=language).aggregate(n=Max("number"))["n"] or 0
    made = Wording.objects.create(
        topic=topic, language=language, number=last + 1, text=text, created_at=now, by=_person(by)
    )
    record("worded", "consent", now=now, by=by, subject_id=made.pk, title=f"{topic} {language} {made.number}")
    return made


@transaction.atomic
def state_notice(*, since: datetime, wording: Wording, page: str, now: datetime, by: User | Key | None) -> Notice:
    """State that the checkout tells of the right to object since a moment, in these words. The statement is the owner's
    proof (§ 7 (3) no. 4 UWG); an earlier one ends where this one begins."""
    Notice.objects.filter(until=None, since__lte=since).update(until=since)
    made = Notice.objects.create(since=since, wording=wording, page=page, by=_person(by), stated_at=now)
    change = {"since": since.isoformat(), "wording": wording.pk, "page": page}
    record("stated", "notice", now=now, by=by, subject_id=made.pk, title=page, change=change)
    return made


@transaction.atomic
def end_notice(found: Notice, *, until: datetime, now: datetime, by: User | Key) -> None:
    """State that the checkout no longer tells of it."""
    Notice.objects.filter(pk=found.pk).update(until=until)
    record("ended", "notice", now=now, by=by, subject_id=found.pk, change={"until": until.isoformat()})


def _person(by: User | Key | None) -> User | None:
    return by if isinstance(by, User) else by.by if by else None
