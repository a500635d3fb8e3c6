"""What the room says through the API: Start, the list of customers with its filters, a customer's page."""

from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import StringConstraints

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.clv.queries.profile import profile
from stammkunde.server.dashboards.actions.putting_off import put_off, show_again
from stammkunde.server.dashboards.actions.taking_out import take_out
from stammkunde.server.dashboards.queries import choosing
from stammkunde.server.dashboards.queries import customers as lists
from stammkunde.server.dashboards.queries.calendar import month as month_of
from stammkunde.server.dashboards.queries.curve import points
from stammkunde.server.dashboards.queries.finding import VALUE
from stammkunde.server.dashboards.queries.life import life
from stammkunde.server.dashboards.queries.shelves import Filter
from stammkunde.server.dashboards.queries.start import start
from stammkunde.server.dashboards.queries.summing import summed
from stammkunde.server.dashboards.schemas import CalendarOut, FieldOut, ListOut, ProfileOut, StartOut
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Customer

router = Router(tags=["start and customers"])
MOST = 200


class Asked(Schema):
    """What the list is filtered by, as in the address of its page."""

    state: str = ""
    tier: str = ""
    country: str = ""
    channel: str = ""
    email: str = ""
    segment: str = ""

    @property
    def who(self) -> Filter:
        """The filter; what makes no sense is left out."""
        return Filter.read(self.dict())


@router.get("/start", auth=scoped(Right.SEE), response=StartOut)
def overview(request: HttpRequest) -> dict[str, Any]:
    """The numbers of the Start page with definition, basis, date and completeness, and what to do."""
    del request
    today = timezone.localdate(timezone=ZoneInfo(settings.SHOP_ZONE))
    found = start(today=today)
    known = found.overview is not None and found.run is not None
    plain = found.overview.cards if found.overview is not None else []
    by_key = {card["key"]: card for card in plain}
    cards = [
        {name: getattr(card, name) for name in ("key", "title", "text", "todo", "why", "link")}
        | {name: by_key[card.key][name] for name in ("filter", "customers", "measure", "amount", "low", "high")}
        for card in found.cards
    ]
    return {
        "made_at": found.overview.made_at if found.overview else None,
        "until": found.run.until if known and found.run else None,
        "rows": found.rows,
        "cards": cards,
        "put_off": [{"key": card.key, "title": card.title, "until": until} for card, until in found.later],
    }


@router.post("/start/{card}/later", auth=scoped(Right.CUSTOMERS), response={204: None})
def later(request: HttpRequest, card: str) -> Status[None]:
    """Do not show a card for a week."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    try:
        put_off(card, now=timezone.now(), by=by)
    except ValueError as error:
        raise HttpError(404, f"There is no card {card!r}.") from error
    return Status(204, None)


@router.post("/start/{card}/again", auth=scoped(Right.CUSTOMERS), response={204: None})
def again(request: HttpRequest, card: str) -> Status[None]:
    """Show a card again."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    show_again(card, now=timezone.now(), by=by)
    return Status(204, None)


@router.get("/customer-list", auth=scoped(Right.SEE), response=ListOut)
def listed(
    request: HttpRequest,
    asked: Query[Asked],
    search: str = "",
    sort: str = VALUE,
    after: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Customers as the list shows them: filtered, searched, by `sort` "value" or "new"."""
    del request
    most = max(1, min(limit, MOST))
    page = lists.customers(who=asked.who, search=search.replace("\0", "")[:200], sort=sort, after=after, most=most)
    return {"items": [_line(row) for row in page.rows], "after": page.after, "count": page.count}


def _line(row: lists.Row) -> dict[str, Any]:
    one, found = row.customer, row.prediction
    names = ("id", "name", "email", "company", "country", "channel", "known_since")
    money = ("historic", "predicted", "low", "high", "clv")
    return {
        **{name: getattr(one, name) for name in names},
        **{name: None if found is None else getattr(found, name) for name in money},
        "state": row.state,
        "orders": row.bought.orders,
        "first_order": row.bought.first,
        "last_order": row.bought.last,
        "revenue": row.bought.revenue,
    }


@router.get("/customer-list/filters", auth=scoped(Right.SEE), response=list[FieldOut])
def filters(request: HttpRequest, asked: Query[Asked]) -> list[choosing.Field]:
    """What can be chosen in each filter, the others as they are, with how many customers it finds."""
    del request
    return choosing.fields(asked.who)


@router.post("/customer-list/export", auth=scoped(Right.EXPORT))
def export(request: HttpRequest, asked: Query[Asked], search: str = "", sort: str = VALUE) -> StreamingHttpResponse:
    """All customers of a list as CSV; the log says who took them out."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    text = search.replace("\0", "")[:200]
    lines = take_out(asked.who, search=text, sort=sort, now=timezone.now(), by=by)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers={"Cache-Control": "no-store"})


@router.get("/customers/{pk}/profile", auth=scoped(Right.SEE), response=ProfileOut)
def page(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Where a customer is in their life with the shop, their value as a sum to the cent, and how it grew."""
    del request
    found = get_object_or_404(Customer.objects.select_related("merged_into"), pk=pk if 0 <= pk < 2**63 else 0)
    one = found.merged_into or found
    told = profile(one, now=timezone.now())
    bought = lists.bought([one.pk]).get(one.pk, lists.Bought())
    return {
        "id": one.pk,
        "orders": bought.orders,
        "revenue": bought.revenue,
        "first_order": bought.first,
        "last_order": bought.last,
        "customer_type": CustomerFacts.objects.filter(pk=one.pk).values_list("customer_type", flat=True).first(),
        "life": life(one.pk, today=told["today"]),
        "sum": summed(told["ledger"], told["prediction"]),
        "curve": [{"day": day, "brought": brought} for day, brought in points(told["ledger"])],
    }


Month = Annotated[str, StringConstraints(pattern=r"^(199[1-9]|20\d\d|21\d\d)-(0[1-9]|1[0-2])$")]


@router.get("/calendar", auth=scoped(Right.SEE), response=CalendarOut)
def calendar(request: HttpRequest, month: Month | None = None) -> dict[str, Any]:
    """A month of mail, as 2026-03, else the one it is: newsletters, journeys of a day, what left, is due, was held."""
    del request
    today = timezone.localdate(timezone=ZoneInfo(settings.SHOP_ZONE))
    found = month_of(date.fromisoformat(f"{month}-01") if month else today.replace(day=1), today=today)
    return {"first": found.first, "days": [day for week in found.weeks for day in week]}
