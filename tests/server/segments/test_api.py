"""What the API says of segments and of where customers stand."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.segments.models import Member, Move, Segment, Size, StateMove
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
People = dict[str, Customer]


@pytest.fixture
def asking(people: People) -> Client:
    """A program with a key that may see."""
    key = make_key(name="report", scopes=[Right.SEE], now=timezone.now(), by=None)
    return Client(headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def segment(people: People) -> Segment:
    """A segment of Anna and Ben, with two days of sizes."""
    now = timezone.now()
    made = Segment.objects.create(
        name="Regulars",
        rule={"version": 1, "rule": {"all": []}},
        size=2,
        stale=False,
        rule_changed_at=now,
        created_at=now,
    )
    for name in ("Anna", "Ben"):
        Member.objects.create(segment=made, customer=people[name], since=now)
    for ago, size in ((1, 1), (0, 2)):
        Size.objects.create(segment=made, day=days.number(now) - ago, size=size, entered=1 - ago)
    return made


def test_states_tiers_and_the_grid_are_those_of_the_page(asking: Client, people: People) -> None:
    today = days.number(timezone.now())
    StateMove.objects.create(
        customer=people["Ben"], before="active", after="slipping", day=today, at=timezone.now()
    )  # fmt: skip
    said = asking.get("/api/v1/lifecycle").json()
    slipping = next(each for each in said["items"] if each["state"] == "slipping")
    assert slipping == {"state": "slipping", "customers": 1, "clv": 40_000, "entered": 1, "left": 0}
    assert asking.get("/api/v1/lifecycle/flow").json() == [{"before": "active", "after": "slipping", "customers": 1}]
    past = timezone.localdate() - timedelta(days=9)
    assert asking.get(f"/api/v1/lifecycle/flow?until={past}").json() == []
    assert asking.get("/api/v1/value-tiers").json()[0] == {"tier": "top", "customers": 1, "clv": 90_000}
    assert {"r": 5, "f": 5, "customers": 1, "clv": 90_000} in asking.get("/api/v1/rfm").json()


def test_customers_of_a_state_come_page_by_page(asking: Client, people: People) -> None:
    first = asking.get("/api/v1/lifecycle/customers?limit=2").json()
    assert [each["customer"] for each in first["items"]] == [people["Anna"].pk, people["Ben"].pk]
    rest = asking.get(f"/api/v1/lifecycle/customers?limit=2&after={first['after']}").json()
    assert [each["customer"] for each in rest["items"]] == [people["Deniz"].pk, people["Clara"].pk]
    assert rest["after"] is None
    some = asking.get("/api/v1/lifecycle/customers?state=slipping&r=2").json()["items"]
    assert [each["customer"] for each in some] == [people["Ben"].pk]
    assert asking.get("/api/v1/lifecycle/customers?state=gone").status_code == 422


@pytest.mark.parametrize("after", ["²", "1.²", "²².1", "--1.1", "none.²", "9" * 40 + ".1", "1." + "9" * 40, "."])
def test_a_key_that_is_none_begins_at_the_first_customer(asking: Client, people: People, after: str) -> None:
    found = asking.get("/api/v1/lifecycle/customers", {"limit": 1, "after": after})
    assert [each["customer"] for each in found.json()["items"]] == [people["Anna"].pk]


def test_a_segment_tells_its_members_and_its_sizes(asking: Client, people: People, segment: Segment) -> None:
    assert [each["name"] for each in asking.get("/api/v1/segments?kind=audience").json()["items"]] == ["Regulars"]
    assert asking.get(f"/api/v1/segments/{segment.pk}").json()["size"] == 2
    first = asking.get(f"/api/v1/segments/{segment.pk}/members?limit=1").json()
    assert first["after"] == people["Anna"].pk
    rest = asking.get(f"/api/v1/segments/{segment.pk}/members?after={first['after']}").json()
    assert [each["customer"] for each in rest["items"]] == [people["Ben"].pk]
    assert [each["size"] for each in asking.get(f"/api/v1/segments/{segment.pk}/sizes").json()] == [2, 1]
    assert asking.get("/api/v1/segments/999/members").status_code == 404


# --- what changes something -------------------------------------------------------------------------------------------

SLIPPING = {"version": 1, "rule": {"all": [{"fact": "state", "op": "is", "value": "slipping"}]}}


@pytest.fixture
def changing(people: People) -> Client:
    """A program with a key that may see and change segments."""
    key = make_key(name="sync", scopes=[Right.SEE, Right.SEGMENTS], now=timezone.now(), by=None)
    return Client(headers={"authorization": f"Bearer {key}"})


def test_a_rule_is_counted_kept_changed_and_deleted(changing: Client, people: People) -> None:
    json = {"content_type": "application/json"}
    counted = changing.post("/api/v1/segments/count", {"rule": SLIPPING}, **json).json()
    assert (counted["customers"], counted["sample"]) == (1, [people["Ben"].pk])
    made = changing.post("/api/v1/segments", {"name": "Silent", "rule": SLIPPING}, **json)
    assert (made.status_code, made.json()["rule"], made.json()["stale"]) == (201, SLIPPING, True)
    again = changing.post("/api/v1/segments", {"name": "Silent", "rule": SLIPPING}, **json)
    assert again.status_code == 422
    address = f"/api/v1/segments/{made.json()['id']}"
    changed = changing.put(address, {"name": "Quiet", "rule": SLIPPING["rule"]}, **json).json()
    assert (changed["name"], changed["words"]) == ("Quiet", counted["words"])
    assert changing.delete(address).status_code == 204
    assert changing.get(address).status_code == 404


@pytest.mark.parametrize("rule", [{}, {"all": [{"fact": "shoe size", "op": ">", "value": 40}]}, {"all": "x"}])
def test_what_is_no_rule_is_refused_with_its_place(changing: Client, rule: dict[str, object]) -> None:
    answer = changing.post("/api/v1/segments/count", {"rule": rule}, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


def test_why_and_moves_are_told_in_words(asking: Client, people: People, segment: Segment) -> None:
    Segment.objects.filter(pk=segment.pk).update(rule=SLIPPING)
    Move.objects.create(
        segment=segment, customer=people["Ben"], entered=True, at=timezone.now(),
        why=[{"path": "all[0]", "before": "active", "after": "slipping"}],
    )  # fmt: skip
    told = asking.get(f"/api/v1/segments/{segment.pk}/moves").json()["items"][0]
    assert told["words"] == ["is in the state “Slipping”: before Active, then Slipping"]
    for name, holds in (("Ben", True), ("Anna", False)):
        answer = asking.get(f"/api/v1/segments/{segment.pk}/why/{people[name].pk}").json()["answer"]
        assert (answer["holds"], answer["parts"][0]["holds"]) == (holds, holds)
    assert [each["id"] for each in asking.get(f"/api/v1/customers/{people['Ben'].pk}/segments").json()] == [segment.pk]


def test_segments_travel_as_a_file_and_nothing_is_kept_before_it_is_wanted(changing: Client) -> None:
    changing.post("/api/v1/segments/starters")
    file = changing.get("/api/v1/segments/file").json()
    number = Segment.objects.count()
    Segment.objects.all().delete()
    planned = changing.post("/api/v1/segments/file", file, content_type="application/json").json()
    assert ({each["becomes"] for each in planned}, Segment.objects.count()) == ({"new"}, 0)
    changing.post("/api/v1/segments/file?keep=true", file, content_type="application/json")
    assert Segment.objects.count() == number
    assert changing.get("/api/v1/customer-types").json()[0]["customers"] == 0
    assert changing.post("/api/v1/segments/file", {}, content_type="application/json").status_code == 422


def test_a_computation_is_asked_for_once(changing: Client) -> None:
    first, second = (changing.post("/api/v1/segments/compute") for _ in range(2))
    assert (first.status_code, first.json()["id"]) == (202, second.json()["id"])


def test_members_are_taken_out_through_the_api_as_from_the_page(people: People, segment: Segment) -> None:
    key = make_key(name="mailing", scopes=[Right.EXPORT], now=timezone.now(), by=None)
    program = Client(headers={"authorization": f"Bearer {key}"})
    answer = program.post(f"/api/v1/segments/{segment.pk}/members/export")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert [line.split(",")[1] for line in lines] == ["name", "Anna", "Ben"]


def test_a_segment_is_a_file_through_the_api_too(asking: Client, segment: Segment) -> None:
    told = asking.get(f"/api/v1/segments/{segment.pk}/file").json()
    assert [each["name"] for each in told["segments"]] == ["Regulars"]
