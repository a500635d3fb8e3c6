"""What the room says and takes through the API: customers, orders, sources, files."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, File, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.files import UploadedFile
from pydantic import AwareDatetime

from stammkunde.errors import InputError
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.bodies import Body
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.requests import row_number
from stammkunde.server.shop.actions import importing
from stammkunde.server.shop.api_sources import asking
from stammkunde.server.shop.forms import NAMES, Columns
from stammkunde.server.shop.models import Customer, Import, Order
from stammkunde.server.shop.queries import customers as people
from stammkunde.server.shop.queries import imports
from stammkunde.server.shop.queries.timeline import timeline

router = Router(tags=["shop"])
#: Of questions: with its zone, and with a day before and after it in every zone.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(9998, 12, 31, tzinfo=UTC))]
MOST = 200
PART = 1 << 16  # bytes of a file that are sent at once


class CustomerOut(Schema):
    """A customer."""

    id: int
    name: str
    email: str
    company: str
    country: str
    postcode: str
    locale: str
    zone: str
    born_on: date | None
    type: str
    channel: str
    known_since: datetime


class CustomersOut(Schema):
    """A page of customers; `after` asks for the next one, empty at the end."""

    items: list[CustomerOut]
    after: str


class IdentityOut(Schema):
    """A name a customer goes by."""

    kind: str
    value: str
    verified: bool


class WholeCustomerOut(CustomerOut):
    """A customer with the names they go by."""

    identities: list[IdentityOut]


class OrderLineOut(Schema):
    """An article of an order, in the smallest unit of the shop's currency."""

    sku: str
    title: str
    quantity: int
    price: int
    discount: int
    total: int
    tax: int | None
    cost: int | None
    returned: int


class OrderOut(Schema):
    """An order, in the smallest unit of the shop's currency; null is not known."""

    id: int
    number: str
    customer_id: int | None
    placed_at: datetime
    day: date
    cancelled_at: datetime | None
    test: bool
    currency: str
    gross: int
    discount: int
    shipping: int
    total: int
    tax: int | None
    refunded: int
    channel: str
    country: str
    lines: list[OrderLineOut]


class OrdersOut(Schema):
    """A page of orders; `after` asks for the next one, empty at the end."""

    items: list[OrderOut]
    after: str


class HappeningOut(Schema):
    """Something that happened with a customer."""

    at: datetime
    kind: str
    amount: int | None
    about: dict[str, Any]


class ImportOut(Schema):
    """A file of orders and what became of it; `busy` while something is being done with it."""

    id: int
    busy: bool
    filename: str
    state: str
    mapping: dict[str, Any]
    outcome: dict[str, Any]
    doing: str
    done: int
    total: int | None
    error: str
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_busy(found: Import) -> bool:
        """Whether its state will change by itself."""
        return imports.busy(found, imports.job_of(found))

    @staticmethod
    def resolve_doing(found: Import) -> str:
        """What is being done with it."""
        job = imports.job_of(found)
        return job.doing if job is not None else ""

    @staticmethod
    def resolve_done(found: Import) -> int:
        """How far that is."""
        job = imports.job_of(found)
        return job.done if job is not None else 0

    @staticmethod
    def resolve_total(found: Import) -> int | None:
        """How far it has to go, where that is known."""
        job = imports.job_of(found)
        return job.total if job is not None else None

    @staticmethod
    def resolve_error(found: Import) -> str:
        """What went wrong with it, or with the work on it."""
        job = imports.job_of(found)
        return found.error or (job.error if job is not None and job.state == Job.State.FAILED else "")


class ColumnsIn(Body):
    """Which column of a file is what, and how to read it; empty is to be found out."""

    columns: dict[str, str] = Field(default_factory=dict, max_length=50)
    date_format: str = Field("", max_length=20)
    decimal: str = Field("", max_length=1)
    currency: str = Field("", max_length=3)
    timezone: str = Field("", max_length=60)


@router.get("/customers", response=CustomersOut, auth=scoped(Right.SEE))
def customers(request: HttpRequest, search: str = "", after: str = "", limit: int = 50) -> dict[str, Any]:
    """Customers, newest first; `search` finds them as the page does."""
    del request
    found = people.page(people.found(search), after=after, most=_most(limit))
    return {"items": found.rows, "after": found.after}


@router.get("/customers/{pk}", response=WholeCustomerOut, auth=scoped(Right.SEE))
def customer(request: HttpRequest, pk: int) -> Customer:
    """One customer; of one who was merged, the one they were merged into."""
    del request
    found = get_object_or_404(Customer.objects.select_related("merged_into"), pk=pk)
    return found.merged_into or found


@router.get("/customers/{pk}/timeline", response=list[HappeningOut], auth=scoped(Right.SEE))
def happenings(
    request: HttpRequest,
    pk: int,
    kind: Literal["", "order", "refund", "parcel", "cart", "event", "merge"] = "",
    before: Moment | None = None,
    limit: int = 50,
) -> list[Any]:
    """What happened with a customer before a moment, of one kind or of all, newest first."""
    del request
    return list(timeline(get_object_or_404(Customer, pk=pk), kind=kind, before=before, most=_most(limit)))


@router.get("/orders", response=OrdersOut, auth=scoped(Right.SEE))
def orders(
    request: HttpRequest,
    customer: int | None = Query(None, ge=0, lt=2**63),  # type: ignore[type-arg]  # ninja's function, not its type
    after: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Orders, the latest taken in first."""
    del request
    rows = Order.objects.prefetch_related("lines").order_by("-pk")
    rows = rows.filter(customer=customer) if customer is not None else rows
    last = row_number(after)
    rows = rows.filter(pk__lt=last) if last is not None else rows
    found = list(rows[: _most(limit) + 1])
    more = len(found) > _most(limit)
    return {"items": found[: _most(limit)], "after": str(found[-2].pk) if more else ""}


@router.get("/imports", response=list[ImportOut], auth=scoped(Right.SEE))
def recent_imports(request: HttpRequest, limit: int = 20) -> list[Import]:
    """Files of late, newest first."""
    del request
    return list(imports.recent(_most(limit)))


@router.get("/imports/{pk}", response=ImportOut, auth=scoped(Right.SEE))
def one_import(request: HttpRequest, pk: int) -> Import:
    """A file of orders."""
    del request
    return get_object_or_404(Import, pk=pk)


@router.post("/imports", response={201: ImportOut}, auth=scoped(Right.DATA))
def new_import(request: HttpRequest, file: File[UploadedFile]) -> Status[Import]:
    """Bring a file of orders: a dry run begins."""
    return Status(201, _told(lambda: importing.lay_down(file, now=timezone.now(), by=asking(request))))


@router.put("/imports/{pk}/columns", response=ImportOut, auth=scoped(Right.DATA))
def map_columns(request: HttpRequest, pk: int, given: ColumnsIn) -> Import:
    """Say which column is what, and how dates and numbers are written; another dry run begins."""
    found = get_object_or_404(Import, pk=pk)
    about = imports.about(found)
    typed = {f"column_{name}": column for name, column in given.columns.items()} | given.dict(exclude={"columns"})
    form = Columns(typed, headers=about.headers, mapping=found.mapping, asks=about.asks)
    if strange := given.columns.keys() - NAMES.keys():
        raise HttpError(422, f"There is no {', '.join(sorted(strange))}; there are {', '.join(NAMES)}.")
    if not form.is_valid():
        raise HttpError(422, " ".join(f"{name}: {' '.join(map(str, words))}" for name, words in form.errors.items()))
    mapping = form.chosen()
    _told(lambda: importing.look_again(found, mapping=mapping, now=timezone.now(), by=asking(request)))
    return get_object_or_404(Import, pk=pk)


@router.get("/imports/{pk}/rejects", auth=scoped(Right.EXPORT))
def rejects(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rows that were left out, as CSV."""
    del request
    path = importing.rejects_path(get_object_or_404(Import, pk=pk))
    if not path.is_file():
        raise HttpError(404, "There is no list of rejects for this file.")
    named = {"Content-Disposition": f'attachment; filename="{pk}-rejects.csv"'}
    return StreamingHttpResponse(_read(path), content_type="text/csv; charset=utf-8", headers=named)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:  # opened when somebody reads, and closed whether or not they read to the end
        while part := file.read(PART):
            yield part


@router.post("/imports/{pk}/start", response=ImportOut, auth=scoped(Right.DATA))
def start_import(request: HttpRequest, pk: int) -> Import:
    """Take it in after its dry run."""
    found = get_object_or_404(Import, pk=pk)
    _told(lambda: importing.start(found, now=timezone.now(), by=asking(request)))
    return get_object_or_404(Import, pk=pk)


@router.post("/imports/{pk}/undo", response=ImportOut, auth=scoped(Right.DATA))
def undo_import(request: HttpRequest, pk: int) -> Import:
    """Take back what it brought."""
    found = get_object_or_404(Import, pk=pk)
    _told(lambda: importing.undo(found, now=timezone.now(), by=asking(request)))
    return get_object_or_404(Import, pk=pk)


def _told(act: Any) -> Any:
    """Do it, or answer 400 with what is wrong and what to try."""
    try:
        return act()
    except InputError as error:
        raise HttpError(400, f"{error.what} {error.advice}") from error


def _most(limit: int) -> int:
    return max(1, min(limit, MOST))
