"""What the pages of sources, files and customers show and do, through the API."""

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.models import Entry, Key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop.actions import take
from stammkunde.server.shop.facts import OrderFact, Who
from stammkunde.server.shop.models import Changed, Customer, Delivery, Source

pytestmark = pytest.mark.django_db
ORDERS = "Wer,Tag,Betrag\nAnna,2026-01-03,10\nBen,2026-01-04,12\nBen,2026-13-44,12\n"


@pytest.fixture
def program(now: datetime) -> Client:
    """A program with a key that may do everything."""
    key = make_key(name="Office", scopes=list(Right), now=now, by=None)
    return Client(headers={"authorization": f"Bearer {key}"})


def said(verb: str, subject: str) -> dict[str, Any]:
    """What the log says of the last time; who did it was the key."""
    entry = Entry.objects.filter(verb=verb, subject=subject).latest("pk")
    assert entry.key == Key.objects.get(name="Office")
    return dict(entry.change)


def test_a_shop_is_connected_set_and_switched_off_and_its_secrets_are_never_told(program: Client) -> None:
    kinds = {each["name"]: each for each in program.get("/api/v1/sources/kinds").json()}
    assert {"woocommerce", "shopify", "shopware"} <= kinds.keys()
    made = program.post("/api/v1/sources", {"kind": "woocommerce", "name": "Tea"}, "application/json").json()
    address = f"/api/v1/sources/{made['id']}"
    secrets = [each["name"] for each in kinds["woocommerce"]["fields"] if each["secret"]]
    values = {each["name"]: "https://tea.example" for each in kinds["woocommerce"]["fields"] if not each["secret"]}
    given = {"name": "Tea", "values": values | dict.fromkeys(secrets, "geheim-77"), "allow_private": True}
    answer = program.put(f"{address}/settings", given, "application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["set"] == sorted(secrets)
    assert answer.json()["allow_private"] is True
    assert answer.json()["hook"].endswith("/")
    kept = program.put(f"{address}/settings", {"name": "Tea shop"}, "application/json").json()
    assert (kept["name"], kept["set"], kept["values"]) == ("Tea shop", sorted(secrets), values)
    assert kept["allow_private"] is True
    assert "geheim-77" not in program.get(f"{address}/settings").content.decode()
    assert "geheim-77" not in str(said("set", "source"))
    assert (
        program.put(f"{address}/settings", {"name": "Tea", "values": {"nobody": "x"}}, "application/json").status_code
        == 422
    )
    assert program.post(f"{address}/switch", {"active": False}, "application/json").json()["active"] is False
    said("switched off", "source")
    assert program.post(f"{address}/pull").status_code == 202
    said("pulled", "source")
    assert program.post("/api/v1/sources", {"kind": "abacus", "name": "x"}, "application/json").status_code == 422


def test_what_was_not_understood_is_listed_page_by_page_and_read_once_more(
    program: Client, source: Source, now: datetime
) -> None:
    for number in range(3):
        Delivery.objects.create(
            source=source, topic="orders", key=f"k{number}", digest=f"{number}", body=b"{}", received_at=now,
            state="failed", error="There is no total.",
        )  # fmt: skip
    first = program.get(f"/api/v1/sources/{source.pk}/rejects?limit=2").json()
    rest = program.get(f"/api/v1/sources/{source.pk}/rejects?before={first['before']}").json()
    assert [len(first["items"]), len(rest["items"]), rest["before"]] == [2, 1, None]
    assert program.get(f"/api/v1/sources/{source.pk}").json()["failed"] == 3
    assert program.post(f"/api/v1/sources/{source.pk}/replay").json() == {"deliveries": 3}
    assert said("replayed", "source") == {"deliveries": 3}
    assert program.post(f"/api/v1/sources/{source.pk}/pull").status_code == 409


def test_a_file_is_brought_mapped_taken_in_and_undone_and_the_log_knows_each_step(
    program: Client, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("orders.csv", ORDERS.encode())
    made = program.post("/api/v1/imports", {"file": file}).json()
    address = f"/api/v1/imports/{made['id']}"
    said("uploaded", "file")
    run_due(now=timezone.now())
    mapping = {"columns": {"customer": "Wer", "date": "Tag", "amount": "Betrag"}, "currency": "EUR"}
    assert program.put(f"{address}/columns", mapping, "application/json").status_code == 200
    assert said("mapped", "file")["to"]["columns"]["customer"] == "Wer"
    run_due(now=timezone.now())
    assert program.get(address).json()["state"] == "checked"
    assert "2026-13-44" in b"".join(program.get(f"{address}/rejects")).decode()  # type: ignore[arg-type]
    program.post(f"{address}/start")
    said("imported", "file")
    run_due(now=timezone.now())
    assert program.get("/api/v1/imports").json()[0]["state"] == "done"
    assert program.put(f"{address}/columns", mapping, "application/json").status_code == 400
    program.post(f"{address}/undo")
    said("undid", "file")
    wrong = {"columns": {"customer": "Niemand"}}
    assert program.put(f"{address}/columns", wrong, "application/json").status_code == 422
    assert program.put(f"{address}/columns", {"columns": {"abc": "Wer"}}, "application/json").status_code == 422


def test_anna_has_two_names_and_is_made_one_and_two_again(program: Client, source: Source, now: datetime) -> None:
    whos = [Who(shop_id="7", name="Anna"), Who(shop_id="8", name="Anna Alt")]
    take(source, [OrderFact(w.shop_id, w, now, "EUR", gross=900, total=900, version=1) for w in whos], now=now)
    anna, alt = Customer.objects.order_by("pk")
    address = f"/api/v1/customers/{anna.pk}/merges"
    made = program.post(address, {"customer": alt.pk, "reason": "same phone"}, "application/json").json()
    assert (made["gone"], made["rule"], made["reason"]) == (alt.pk, "by hand", "same phone")
    assert said("merged", "customer") == {"gone": alt.pk}
    assert program.post(address, {"customer": alt.pk}, "application/json").status_code == 409
    assert program.post(f"{address}/{made['id']}/undo").json()["undone_at"] is not None
    assert said("unmerged", "customer") == {"back": alt.pk}
    assert program.post(f"{address}/{made['id']}/undo").status_code == 409
    assert [each["id"] for each in program.get(address).json()] == [made["id"]]


def test_what_winning_anna_cost_is_stated_and_shown_beside_her_value(
    program: Client, source: Source, now: datetime
) -> None:
    anna = Customer.objects.create(origin="shop:7", name="Anna", known_since=now, changed_at=now)
    given = {"type": "club", "acquisition_cost": 1250}
    told = program.patch(f"/api/v1/customers/{anna.pk}/stated", given, "application/json").json()
    assert told == {"id": anna.pk, "type": "club", "channel": "", "acquisition_cost": 1250, "born_on": None}
    assert said("changed", "customer")["to"] == given
    ledger = program.get(f"/api/v1/customers/{anna.pk}/ledger").json()
    assert (ledger["acquisition"], ledger["acquisition_estimated"], ledger["total"]) == (1250, False, 0)
    assert Changed.objects.get().customer == anna
    program.patch(f"/api/v1/customers/{anna.pk}/stated", {"acquisition_cost": None}, "application/json")
    anna.refresh_from_db()
    assert (anna.acquisition_cost, anna.type) == (None, "club")


def test_who_became_somebody_else_takes_nobody_in(owner: Client, source: Source, now: datetime) -> None:
    whos = [Who(shop_id=str(n), name=name) for n, name in enumerate(("Anna", "Anna Alt", "Ben"))]
    take(source, [OrderFact(w.shop_id, w, now, "EUR", gross=900, total=900, version=1) for w in whos], now=now)
    anna, alt, _ben = Customer.objects.order_by("pk")
    owner.post(f"/customers/{anna.pk}/merge", {"other": "1"})
    alt.refresh_from_db()
    assert alt.merged_into == anna
    assert owner.post(f"/customers/{alt.pk}/merge", {"other": "2"}).status_code == 404
