"""What a page shows of a file of orders."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stammkunde.notices import Notice
from stammkunde.server.lib.models import Job
from stammkunde.server.shop.models import Import

BUSY = frozenset({Import.State.UPLOADED, Import.State.RUNNING, Import.State.UNDOING})


@dataclass(frozen=True)
class About:
    """A file, and the job that is at it."""

    state: str
    busy: bool
    job: Job | None
    headers: list[str]
    asks: str
    advice: str
    outcome: dict[str, Any]
    reasons: list[tuple[str, int, float | None]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    period: list[date] = field(default_factory=list)
    currency: str = ""
    preset: str = ""


def recent(most: int = 20) -> QuerySet[Import]:
    """The files of late, newest first."""
    return Import.objects.select_related("source").order_by("-pk")[:most]


def job_of(found: Import) -> Job | None:
    """The last work on a file."""
    kinds = ("import-check", "import-take", "import-undo")
    return Job.objects.filter(kind__in=kinds, key=str(found.pk)).order_by("-pk").first()


def busy(found: Import, job: Job | None) -> bool:
    """Whether something is being done with it; work that was given up leaves the state it began in."""
    return found.state in BUSY and not (job is not None and job.state == Job.State.FAILED)


def about(found: Import) -> About:
    """Everything the page shows."""
    from stammkunde.clv.report.words import Words  # brings statistics, which a web process does without

    outcome, job = found.outcome, job_of(found)
    words = Words.of("de" if (get_language() or "").startswith("de") else "en")
    return About(
        state=found.state,
        busy=busy(found, job),
        job=job,
        headers=[str(name) for name in outcome.get("headers", [])],
        asks=str(outcome.get("asks", "")),
        advice=str(outcome.get("advice", "")),
        outcome=outcome,
        reasons=[(reason_name(reason), rows, amount) for reason, rows, amount in outcome.get("reasons", [])],
        notices=[words.tell(_notice(saved)) for saved in outcome.get("notices", [])],
        period=[date.fromisoformat(day) for day in outcome.get("period", [])],
        preset=preset_name(str(outcome.get("preset", ""))),
        currency=str(outcome.get("currency") or found.mapping.get("currency") or ""),
    )


def _notice(saved: dict[str, Any]) -> Notice:
    """A notice with its days as days again."""
    values = {name: _day(value) if isinstance(value, str) else value for name, value in saved.items() if name != "key"}
    return Notice(saved["key"], **values)


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text) if len(text) == 10 else text
    except ValueError:
        return text


def preset_name(title: str) -> str:
    """What a file was recognised as, in words."""
    return {
        "Shopify: orders": _("orders of Shopify"),
        "Shopify: customers": _("customers of Shopify"),
        "Shopware: orders": _("orders of Shopware"),
    }.get(title, title)


def reason_name(reason: str) -> str:
    """Why a row was left out, in words."""
    return {
        "crooked_row": _("more cells than columns"),
        "no_date": _("no date"),
        "bad_date": _("no such date"),
        "future_date": _("in the future"),
        "further_line": _("further line of an order whose total is known"),
        "no_currency": _("no currency"),
        "bad_amount": _("amount is no number"),
        "no_quantity": _("no quantity"),
        "bad_quantity": _("quantity is no number"),
        "no_price": _("no price"),
        "bad_price": _("price is no number"),
        "bad_refund": _("refund is no number"),
        "bad_discount": _("discount is no number"),
        "bad_shipping_charged": _("shipping is no number"),
        "no_amount": _("no amount"),
        "amount_too_large": _("more money than there is"),
        "test_order": _("test order"),
        "test_product": _("test article"),
        "cancelled": _("cancelled"),
        "not_paid": _("never paid"),
        "refunded": _("refunded in full"),
        "duplicate": _("the same row again"),
        "no_customer": _("no customer"),
    }.get(reason, reason)
