"""Mails as lists, and what is known of one."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, OuterRef, Q, Subquery

from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.mail.models import Send, Template, Version


@dataclass(frozen=True)
class Listed:
    """A mail of the list: how many versions there are, whether the draft is the last, and how often it was sent."""

    template: Template
    purpose: str
    versions: int
    published_at: datetime | None
    sent: int


def listed(*, retired: bool = False, purpose: str = "", text: str = "") -> list[Listed]:
    """The mails there are, by name; two statements however many there are."""
    rows = Template.objects.filter(retired_at__isnull=not retired)
    if purpose:
        rows = rows.filter(purpose=purpose)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(key__icontains=text))
    counted = rows.annotate(number=Count("versions"), last=Max("versions__created_at")).order_by("name", "pk")
    sent = _sent([each.pk for each in counted])
    labels = dict(Purpose.choices)
    return [
        Listed(each, str(labels.get(each.purpose, each.purpose)), each.number, each.last, sent.get(each.pk, 0))
        for each in counted
    ]


def _sent(ids: list[int]) -> dict[int, int]:
    rows = Send.objects.filter(state=Send.State.SENT, message__version__template__in=ids)
    return dict(rows.values_list("message__version__template").annotate(Count("pk")))


def by_key(key: str) -> Template | None:
    """The mail of a key, put away or not."""
    return Template.objects.filter(key=key).first()


def latest(template: Template) -> Version | None:
    """Its newest version; none where it was never published."""
    return template.versions.order_by("-number").first()


def latest_of(keys: list[str]) -> dict[str, Version]:
    """The newest version of each of these mails that has one."""
    newest = Version.objects.filter(template=OuterRef("template")).order_by("-number").values("pk")[:1]
    rows = Version.objects.filter(template__key__in=keys, pk=Subquery(newest)).select_related("template")
    return {row.template.key: row for row in rows}


def versions(template: Template) -> list[Version]:
    """All of them, the newest first."""
    return list(template.versions.select_related("by").order_by("-number"))
