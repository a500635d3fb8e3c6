"""Newsletters are written: begun, changed, given texts, copied, thrown away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stammkunde.errors import InputError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.campaigns.models import Campaign, Tenure, Variant
from stammkunde.server.mail.models import Template
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.rules.language import rule as written
from stammkunde.server.segments.rules.reading import RuleError, read

Who = User | Key | None
LONGEST_SUBJECT = 200
MOST_VARIANTS = 6
VOICES = ("en", "de", "de-du", "de-sie")


class RefusedError(InputError):
    """A newsletter cannot be kept, approved or sent so; the text says why, in the language of whoever asked."""

    advice = ""

    def __str__(self) -> str:
        """What is wrong, and what to try where that is another sentence."""
        return f"{self.what} {self.advice}".strip()


@dataclass(frozen=True)
class Wanted:
    """What somebody typed of a newsletter: see `Campaign` for what each means."""

    name: str
    purpose: str = "newsletter"
    segment: Segment | None = None
    rule: Mapping[str, Any] | None = None
    at: datetime | None = None
    day: date | None = None
    hour: time | None = None
    per_hour: int = 0
    goal: str = Campaign.Goal.ORDERS
    window_hours: int = 72
    spread_hours: int = 20
    public: bool = False
    categories: Sequence[str] = ()


@dataclass(frozen=True)
class Text:
    """A text of a newsletter: a mail, for whom it is, and subjects instead of the mail's own, voice by voice."""

    template: Template
    tenure: str = Tenure.ALL
    subjects: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


@transaction.atomic
def make(wanted: Wanted, texts: Sequence[Text] = (), *, now: datetime, by: Who) -> Campaign:
    """Begin a newsletter.

    Raises
    ------
    RefusedError : it has no name, or asks for what cannot be.
    """
    _judge(wanted)
    person = _person(by)
    found = Campaign.objects.create(
        slug=_slug(wanted.name, now),
        made_by=person,
        changed_by=person,
        created_at=now,
        changed_at=now,
        **_values(wanted),
    )
    record("made", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name)
    _keep(found, texts)
    return found


@transaction.atomic
def change(
    campaign: Campaign, wanted: Wanted, texts: Sequence[Text] | None = None, *, now: datetime, by: Who
) -> Campaign:
    """Change what is not going out yet. What had been approved has to be approved again.

    Raises
    ------
    RefusedError : it is scheduled, going out or over; or it asks for what cannot be.
    """
    _judge(wanted)
    found = still_open(campaign)
    before = {name: getattr(found, name) for name in _values(wanted)}
    for name, value in _values(wanted).items():
        setattr(found, name, value)
    found.state, found.approved_by, found.approved_at = Campaign.State.DRAFT, None, None
    found.changed_by, found.changed_at = _person(by), now
    found.save()
    changed = {name: [_plain(old), _plain(getattr(found, name))] for name, old in before.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if texts is not None:
        _keep(found, texts)
        changed["texts"] = [None, [f"{each.tenure}: {each.template.key}" for each in texts]]
    told = {"from": {n: p[0] for n, p in changed.items()}, "to": {n: p[1] for n, p in changed.items()}}
    record("changed", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name, change=told)
    return found


def still_open(campaign: Campaign) -> Campaign:
    """The row, locked, if it may still be changed.

    Raises
    ------
    RefusedError : it is scheduled, going out or over.
    """
    found = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not found.open:
        raise RefusedError(_("It is on its way or over: make a copy of it, and change that."))
    return found


@transaction.atomic
def copy(campaign: Campaign, *, now: datetime, by: Who) -> Campaign:
    """A new draft with the same audience and texts, without its time."""
    texts = [Text(v.template, v.tenure, v.subjects, v.key) for v in campaign.variants.select_related("template")]
    names = [each.name for each in Campaign._meta.fields if each.name in Wanted.__dataclass_fields__]
    kept = {name: getattr(campaign, name) for name in names if name not in ("at", "day", "hour")}
    name = _("Copy of %(name)s") % {"name": campaign.name}
    return make(Wanted(**(kept | {"name": name[:160]})), texts, now=now, by=by)


@transaction.atomic
def throw_away(campaign: Campaign, *, now: datetime, by: Who) -> None:
    """Delete what never went out.

    Raises
    ------
    RefusedError : it is on its way or over: what was sent stays known.
    """
    found = still_open(campaign)
    record("deleted", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name)
    found.delete()


def _keep(campaign: Campaign, texts: Sequence[Text]) -> None:
    """Its texts, in their order; keys are letters where none are given."""
    if len(texts) > MOST_VARIANTS:
        raise RefusedError(_("A newsletter has at most %(most)s texts.") % {"most": MOST_VARIANTS})
    keys = [text.key or chr(ord("a") + number) for number, text in enumerate(texts)]
    if len(set(keys)) < len(keys):
        raise RefusedError(_("Two texts have the same key."))
    campaign.variants.all().delete()
    for number, text in enumerate(texts):
        Variant.objects.create(
            campaign=campaign,
            key=keys[number],
            tenure=text.tenure,
            template=text.template,
            subjects=_subjects(text.subjects),
        )


def _subjects(said: Mapping[str, str]) -> dict[str, str]:
    """Subjects that are there; a line of them is one line.

    Raises
    ------
    RefusedError : one is too long, has a line break, or is for a voice nobody has.
    """
    found = {voice: text.strip() for voice, text in said.items() if text.strip()}
    if set(found) - set(VOICES):
        raise RefusedError(_("Subjects are for these voices: %(voices)s.") % {"voices": ", ".join(VOICES)})
    if any(len(text) > LONGEST_SUBJECT or not text.isprintable() for text in found.values()):
        raise RefusedError(_("A subject is one line of at most %(most)s characters.") % {"most": LONGEST_SUBJECT})
    return found


def _judge(wanted: Wanted) -> None:
    if not wanted.name.strip():
        raise RefusedError(_("A newsletter needs a name."))
    if wanted.purpose not in dict(Campaign.PURPOSES):
        raise RefusedError(_("A newsletter is a newsletter, an offer or a digest."))
    if wanted.segment is not None and wanted.rule:
        raise RefusedError(_("Its audience is a segment or a rule, not both."))
    if (wanted.day is None) != (wanted.hour is None) or (wanted.at and wanted.day):
        raise RefusedError(_("Either one moment for all, or a day and an hour in the customer's own zone."))
    if wanted.goal not in Campaign.Goal.values:
        raise RefusedError(_("A test is decided by orders or by clicks."))
    if not (1 <= wanted.window_hours <= 720 and 1 <= wanted.spread_hours <= 168 and 0 <= wanted.per_hour <= 10_000_000):
        raise RefusedError(_("A window has 1 to 720 hours, a test goes out over 1 to 168 hours."))
    if wanted.rule:
        try:
            read(wanted.rule)
        except RuleError as error:
            raise RefusedError(error.message) from error


def _values(wanted: Wanted) -> dict[str, Any]:
    found = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    found["rule"] = written(read(wanted.rule)) if wanted.rule else None
    return found | {"name": wanted.name.strip()[:160], "categories": [each for each in wanted.categories if each]}


def _slug(name: str, now: datetime) -> str:
    base = f"{now:%Y-%m}-{slugify(name)[:60]}".strip("-")
    taken = set(Campaign.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(each for each in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)


def _person(by: Who) -> User | None:
    return by.by if isinstance(by, Key) else by


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)
