"""What addresses ask of customers by what is known of them, and who they are."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.requests import row_number
from stammkunde.server.segments.models import Segment, State
from stammkunde.server.segments.queries import people as queries
from stammkunde.server.segments.queries.naming import title
from stammkunde.server.segments.views.wording import MEANINGS, TIERS


@needs(Right.SEE)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Customers of a state, a type or a cell of the grid, the most valuable first."""
    asked, after = known_of(request.GET), request.GET.get("after", "")
    rows = queries.known(asked)
    found, address = queries.page(rows, after=after), urlencode(asked)
    page: dict[str, object] = {"page": found, "total": queries.total(rows), "said": said(asked), "asked": address}
    page["may"] = staff(request).may(Right.SEGMENTS)
    page["first"] = f"?{address}" if after else ""
    page["next"] = f"?{urlencode(asked | {'after': found.after})}" if found.after else ""
    page["meaning"] = MEANINGS[State(asked["state"])] if list(asked) == ["state"] else ""
    return render(request, "segments/people.html", page)


def known_of(asked: Mapping[str, str]) -> dict[str, Any]:
    """What an address asks for; what makes no sense there is left out."""
    found: dict[str, Any] = {}
    if asked.get("state") in State.values:
        found["state"] = asked["state"]
    if asked.get("tier") in TIERS:
        found["tier"] = asked["tier"]
    kind = row_number(asked.get("customer_type", ""))
    if kind is not None:
        found["customer_type"] = kind
    for name in ("r", "f", "m"):
        if asked.get(name, "") in ("1", "2", "3", "4", "5"):
            found[name] = int(asked[name])
    return found


def said(asked: Mapping[str, Any]) -> str:
    """It in a few words, as a title."""
    parts = [str(State(asked["state"]).label)] if "state" in asked else []
    if "tier" in asked:
        parts.append(str(TIERS[asked["tier"]]))
    if "customer_type" in asked:
        kind = Segment.objects.filter(pk=asked["customer_type"]).first()
        parts.append(title(kind) if kind else _("Customer type"))
    words = {"r": _("Recency %(score)s"), "f": _("Frequency %(score)s"), "m": _("Money %(score)s")}
    parts += [words[name] % {"score": asked[name]} for name in ("r", "f", "m") if name in asked]
    return ", ".join(parts) or _("All customers")
