"""The API, asked everything its description allows, and what it does not: as an owner, as nobody, with too little."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from ninja import Schema
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from stammkunde.server.accounts import actions
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.api import api
from stammkunde.server.clv.models import Rates
from stammkunde.server.shop.actions import importing, take
from stammkunde.server.shop.facts import LineFact, OrderFact, RefundFact, Who
from stammkunde.server.shop.models import Customer, Source
from thorough import sampled

pytestmark = pytest.mark.django_db
FEW, MANY = 6, 300
WORDS = {"by": "channel", "card": "nothing"}  # in the place of a number in an address
#: What an answer has to be, whatever was asked.
CONFORMS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
REFUSES = [*CONFORMS, checks.negative_data_rejection]
HOSTILE = (
    "\x00", "' OR 1=1 --", "²", "9" * 40, "-1", "\u202e", "%00", "../../etc/passwd", "{{7*7}}", "é" * 5000,
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00", "0001-01-01", "9999-12-31",
)  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """A shop with one of everything, an owner and a key with every scope."""

    key: str
    pks: dict[str, int]

    @property
    def asking(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(autouse=True)
def _kept_connection() -> Iterator[None]:
    """A request does not close the connection whose transaction the test is in; Django's own client does the same."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def shop(source: Source, now: datetime) -> Shop:
    """Anna has ordered and given something back."""
    olga = User.objects.create_user("olga@example.com", "correct horse battery", role=Role.OWNER, joined_at=now)
    line = LineFact(external_id="1", quantity=2, price=1250, total=2500, title="Teekanne", sku="T1")
    anna = Who(shop_id="7", email="anna@example.com", name="Anna Alt", country="DE")
    order = OrderFact("1001", who=anna, placed_at=now, currency="EUR", gross=2500, total=2500, lines=(line,), version=1)
    back = RefundFact("r1", order_id="1001", at=now, amount=500, currency="EUR", version=1)
    take(source, [order, back], now=now)
    rates = Rates.objects.create(valid_from=now.date(), created_at=now)
    file = importing.lay_down(
        SimpleUploadedFile("a.csv", b"customer,date,amount\nAnna,2026-01-03,10\n"), now=now, by=None
    )
    key = actions.make_key(name="All", scopes=list(Right), now=now, by=olga)
    named = {
        "/customers/": Customer.objects.get().pk,
        "/imports/": file.pk,
        "/sources/": source.pk,
        "/value/rates/": rates.pk,
        "/staff/": olga.pk,
    }
    return Shop(key, named)


def operations() -> Iterator[Any]:
    """Every operation of the description, bound to the server in this process."""
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    schema.app = get_wsgi_application()
    for found in schema.get_all_operations():
        yield found.ok()


OPERATIONS = list(operations())
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
WAYS = pytest.mark.parametrize("mode", sampled(MODES, named=lambda mode: mode.value))


def cases(operation: Any, mode: GenerationMode, shop: Shop) -> st.SearchStrategy[Case]:
    """Requests to an operation; every other one about a row that is there."""
    free = operation.as_strategy(generation_mode=mode)
    pk = next((pk for start, pk in shop.pks.items() if operation.path.startswith(f"/api/v1{start}{{")), None)
    if pk is None:
        return free
    return st.one_of(free, operation.as_strategy(generation_mode=mode, path_parameters={"pk": pk}))


def exercise(operation: Any, mode: GenerationMode, shop: Shop, examples: int) -> None:
    """Ask so many times and judge every answer."""

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=examples == FEW,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink], verbosity=Verbosity.quiet,
    )  # fmt: skip
    @given(case=cases(operation, mode, shop))
    def ask(case: Case) -> None:
        Key.objects.update(ended_at=None)  # one of the operations ends keys, this one too
        answer = case.call(headers=shop.asking)
        strict = mode is GenerationMode.NEGATIVE and examples == FEW  # many find that "2" is taken for a moment
        case.validate_response(answer, checks=REFUSES if strict else CONFORMS, headers=shop.asking)
        assert answer.status_code != 401, answer.text

    ask()


@WAYS
@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.label for each in OPERATIONS])
def test_every_answer_to_an_owner_is_as_described(operation: Any, mode: GenerationMode, shop: Shop) -> None:
    exercise(operation, mode, shop, FEW)


@pytest.mark.slow
@WAYS
@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.label for each in OPERATIONS])
def test_many_answers_to_an_owner_are_as_described(operation: Any, mode: GenerationMode, shop: Shop) -> None:
    exercise(operation, mode, shop, MANY)


def plain(operation: Any, shop: Shop) -> Case:
    """One request to an operation, about what is there."""
    pk = next((pk for start, pk in shop.pks.items() if operation.path.startswith(f"/api/v1{start}")), 1)
    named = re.findall(r"{(\w+)}", operation.path)
    return operation.Case(path_parameters={name: WORDS.get(name, pk) for name in named})


def needed(operation: Any) -> Right:
    """The scope an operation asks for."""
    for prefix, router in api._routers:
        for path, found in router.path_operations.items():
            for each in found.operations:
                if f"/api/v1{prefix}{path}" == operation.path and operation.method.upper() in each.methods:
                    right: Right = each.auth_callbacks[0].right
                    return right
    raise LookupError(operation.label)


def test_who_shows_no_key_or_a_wrong_one_gets_a_problem_everywhere(shop: Shop) -> None:
    for headers in ({}, {"Authorization": "Bearer stk_wrong"}, {"Authorization": "Basic c3RrOng="}):
        for operation in OPERATIONS:
            answer = plain(operation, shop).call(headers=headers)
            assert answer.status_code == 401, operation.label
            plain(operation, shop).validate_response(answer, checks=CONFORMS)
            assert answer.json()["status"] == 401


@pytest.mark.parametrize("scope", Right.values)
def test_a_key_of_one_scope_opens_what_asks_for_it_and_gets_problems_elsewhere(
    scope: str, shop: Shop, now: datetime
) -> None:
    asking = {"Authorization": f"Bearer {actions.make_key(name='One', scopes=[Right(scope)], now=now, by=None)}"}
    wrong = []
    for operation in OPERATIONS:
        Key.objects.update(ended_at=None)
        case = plain(operation, shop)
        answer = case.call(headers=asking)
        case.validate_response(answer, checks=CONFORMS, headers=asking)
        if (answer.status_code == 403) == (needed(operation) == scope):
            wrong.append(f"{operation.label} needs {needed(operation)}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("text", sampled(HOSTILE, of=2, named=lambda text: ascii(text[:12])))
def test_no_text_breaks_a_parameter(text: str, shop: Shop) -> None:
    for operation in OPERATIONS:
        case = plain(operation, shop)
        for name in [each.name for each in operation.query] or ["nothing"]:
            case.query = {name: text}
            case.validate_response(case.call(headers=shop.asking), checks=CONFORMS, headers=shop.asking)
            Key.objects.update(ended_at=None)


def schemas(kind: type[Schema] = Schema) -> Iterator[type[Schema]]:
    """Every shape of the API."""
    for each in kind.__subclasses__():
        yield from schemas(each)
        if each.__module__.startswith("stammkunde."):
            yield each


def test_no_two_shapes_share_a_name() -> None:
    """The description knows shapes by name alone: of two, one would be described as the other."""
    seen = Counter(each.__name__ for each in set(schemas()))
    assert [name for name, times in seen.items() if times > 1] == []


def test_zeros_in_what_is_told_are_refused(shop: Shop) -> None:
    wrong = []
    for operation in OPERATIONS:
        if operation.method.upper() in {"POST", "PUT", "PATCH"}:
            case = plain(operation, shop)
            case.media_type, case.body = "application/json", {"name": "a\0b", "text": "\0"}
            answer = case.call(headers=shop.asking)
            wrong += [operation.label] if (answer.status_code, answer.json()["status"]) != (400, 400) else []
    assert wrong == []
