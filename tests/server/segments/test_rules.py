"""Rules as data: judged when read, the same in SQL and in Python, said in words, taken to another shop."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.conftest import NOW
from stammkunde.server.segments.actions import audiences, exchange
from stammkunde.server.segments.actions.audiences import RefusedError
from stammkunde.server.segments.models import CustomerFacts, Segment, State
from stammkunde.server.segments.queries.audiences import sample
from stammkunde.server.segments.rules.catalogue import FACTS, OPERATORS, Kind
from stammkunde.server.segments.rules.compiling import holds_fact
from stammkunde.server.segments.rules.language import Compare, Group, Node, rule
from stammkunde.server.segments.rules.reading import RuleError, read
from stammkunde.server.segments.rules.sentence import sentence
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
TODAY = 20_000
DAYS = st.one_of(st.none(), st.integers(TODAY - 40, TODAY))
SMALL = st.one_of(st.none(), st.integers(0, 5))
#: What may be known of somebody; other columns stay as they are in a new row.
KNOWN = st.fixed_dictionaries(
    {
        "orders": st.integers(0, 4),
        "revenue": st.integers(-300, 900),
        "first_on": DAYS,
        "last_on": DAYS,
        "median_gap": st.one_of(st.none(), st.sampled_from([1.0, 2.5, 10.0])),
        "p_alive": st.one_of(st.none(), st.sampled_from([0.0, 0.25, 1.0])),
        "clv": SMALL,
        "r": SMALL,
        "f": SMALL,
        "m": SMALL,
        "state": st.sampled_from(["", *State.values]),
        "country": st.sampled_from(["", "DE", "AT", "D"]),
        "has_email": st.booleans(),
    }
)
ASKED = (
    "orders", "revenue", "days_since_last_order", "first_day", "median_gap", "own_silence", "p_alive", "clv", "rfm",
    "state", "country", "has_email",
)  # fmt: skip


def _values(kind: Kind) -> st.SearchStrategy[Any]:
    found: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.FLAG: st.booleans(),
        Kind.STATE: st.sampled_from(State.values),
        Kind.TEXT: st.sampled_from(["DE", "AT", "D", "T"]),
        Kind.DAY: st.integers(1, 28).map(lambda day: f"2024-09-{day:02}"),
        Kind.SHARE: st.sampled_from([0.0, 0.25, 0.5, 1.0]),
        Kind.CELL: st.sampled_from([111, 555, 345]),
    }
    return found.get(kind, st.integers(-5, 20))


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    fact = FACTS[draw(st.sampled_from(ASKED))]
    op = draw(st.sampled_from(OPERATORS[fact.kind]))
    if op in ("known", "unknown"):
        return Compare(fact.name, op)
    if op == "between":
        return Compare(fact.name, op, tuple(sorted(draw(st.tuples(_values(fact.kind), _values(fact.kind))))))
    if op in ("in", "not in"):
        values = draw(st.lists(_values(fact.kind), min_size=1, max_size=3, unique=True))
        return Compare(fact.name, op, tuple(values))
    return Compare(fact.name, op, draw(_values(fact.kind)))


NODES: st.SearchStrategy[Node] = st.recursive(
    comparisons(),
    lambda parts: st.builds(
        Group, st.sampled_from(["all", "any", "none"]), st.lists(parts, max_size=3).map(lambda found: tuple(found))
    ),
    max_leaves=8,
)


def fits(node: Node, row: dict[str, Any]) -> bool:
    """The rule asked of one row, in Python alone."""
    if isinstance(node, Group):
        held = [fits(part, row) for part in node.parts]
        return {"all": all(held), "any": any(held), "none": not any(held)}[node.kind]
    assert isinstance(node, Compare)
    return holds_fact(node, FACTS[node.fact].of(row, TODAY))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=NODES, people=st.lists(KNOWN, min_size=1, max_size=6))
def test_sql_finds_whom_python_finds(node: Node, people: list[dict[str, Any]], db: None) -> None:
    Customer.objects.all().delete()
    made = [Customer(origin=f"shop:{n}", known_since=NOW, changed_at=NOW) for n in range(len(people))]
    for one, known in zip(made, people, strict=True):
        one.save()
        CustomerFacts.objects.create(customer=one, known_on=TODAY - 100, **known)
    rows = {row["customer_id"]: row for row in CustomerFacts.objects.values()}
    wanted = sorted(pk for pk, row in rows.items() if fits(node, row))
    assert sorted(each.pk for each in sample(node, today=TODAY, most=10)) == wanted


@settings(max_examples=60, deadline=None)
@given(node=NODES)
def test_a_rule_written_and_read_again_is_the_same_and_has_words_in_both_languages(node: Node) -> None:
    assert read(json.loads(json.dumps(rule(node)))) == node
    for language in ("en", "de"):
        with translation.override(language):
            assert len(sentence(node, segments={})) > 5


@pytest.mark.parametrize(
    ("data", "path", "said"),
    [
        (None, "", "condition or a group"),
        ({"version": 2, "rule": {"all": []}}, "", "newer"),
        ({"all": [{"fact": "shoe size", "op": "=", "value": 1}]}, "all[0]", "shoe size"),
        ({"all": [{"fact": "orders", "op": "is", "value": 1}]}, "all[0]", "is"),
        ({"all": [{"fact": "orders", "op": ">=", "value": "2"}]}, "all[0]", "number"),
        ({"all": [{"fact": "orders", "op": ">=", "value": True}]}, "all[0]", "number"),
        ({"all": [{"fact": "orders", "op": ">=", "value": 1e300}]}, "all[0]", "too large"),
        ({"all": [{"fact": "orders", "op": "between", "value": [3, 1]}]}, "all[0]", "larger"),
        ({"any": [{"all": [{"fact": "state", "op": "is", "value": "gone"}]}]}, "any[0].all[0]", "no such state"),
        ({"all": [{"fact": "last_day", "op": "=", "value": "31.01.2026"}]}, "all[0]", "2026-01-31"),
        ({"all": [{"fact": "country", "op": "in", "value": []}]}, "all[0]", "between"),
        ({"all": [{"fact": "country", "op": "is", "value": "D\x00"}]}, "all[0]", "text"),
        ({"all": [{"event": "Seen", "where": [{"property": 'a"b', "op": "known"}]}]}, "all[0]", "quotes"),
        ({"all": [{"orders": "count", "op": ">", "value": 1, "days": 0}]}, "all[0]", "days"),
        ({"all": [{"orders": "count", "op": ">", "value": 1, "from": "2026-02-01", "to": "2026-01-01"}]}, "all[0]",
         "after"),
        ({"all": [{"segment": "Regulars", "op": "in"}]}, "all[0]", "Choose"),
        ({"all": [{"what": 1}]}, "all[0]", "Nobody knows"),
        ({"all": {}}, "", "list"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_told_with_its_place(data: Any, path: str, said: str) -> None:
    with pytest.raises(RuleError, match=r".") as found:
        read(data)
    assert found.value.path == path
    assert said in found.value.message


def test_a_rule_is_neither_endless_nor_bottomless() -> None:
    deep: dict[str, Any] = {"fact": "orders", "op": ">=", "value": 1}
    for _ in range(10):
        deep = {"all": [deep]}
    with pytest.raises(RuleError, match="deep"):
        read(deep)
    with pytest.raises(RuleError, match="100"):
        read({"all": [{"fact": "orders", "op": ">=", "value": 1}] * 101})


def kept(name: str, *parts: dict[str, Any], kind: str = "audience") -> Segment:
    return audiences.save(None, kind=kind, name=name, node=read({"all": list(parts)}), now=NOW, by=None)


def test_segments_do_not_ask_for_each_other_in_a_circle(db: None) -> None:
    one = kept("One", {"fact": "orders", "op": ">=", "value": 1})
    two = kept("Two", {"segment": one.pk, "op": "in"})
    circle = read({"all": [{"segment": two.pk, "op": "in"}]})
    with pytest.raises(RefusedError, match="itself"):
        audiences.save(one, kind="audience", name="One", node=circle, now=NOW, by=None)
    with pytest.raises(RefusedError, match="Two"):
        audiences.delete(one, now=NOW, by=None)
    with pytest.raises(RefusedError, match="type"):
        kept("Type", {"segment": one.pk, "op": "in"}, kind="type")


def test_segments_go_to_another_shop_by_name_with_those_they_ask_for(db: None) -> None:
    big = kept("Big", {"fact": "revenue", "op": ">=", "value": 100_000})
    tea = kept("Tea", {"fact": "orders", "op": ">=", "value": 1}, kind="type")
    whole = kept("Both", {"segment": big.pk, "op": "in"}, {"fact": "customer_type", "op": "in", "value": [tea.pk]})
    data = json.loads(json.dumps(exchange.exported([whole])))
    assert {each["name"] for each in data["segments"]} == {"Big", "Tea", "Both"}
    assert {each.becomes for each in exchange.planned(data, now=NOW)} == {"same"}
    Segment.objects.all().delete()
    assert {each.becomes for each in exchange.planned(data, now=NOW)} == {"new"}
    assert not Segment.objects.exists()
    exchange.imported(data, now=NOW, by=None)
    both = Segment.objects.get(name="Both")
    assert audiences.asked(both) == set(Segment.objects.exclude(pk=both.pk).values_list("pk", flat=True))


def test_what_a_file_asks_for_and_nobody_has_is_told(db: None) -> None:
    lost = {"kind": "audience", "name": "Lost", "rule": {"all": [{"segment": "Nowhere", "op": "in"}]}}
    bad = {"kind": "audience", "name": "Bad", "rule": {"all": [{"fact": "?", "op": "in"}]}}
    fine = {"kind": "audience", "name": "Fine", "rule": {"all": []}}
    data = {"format": "stammkunde segments", "version": 1, "segments": [lost, bad, fine]}
    told = {each.name: each for each in exchange.imported(data, now=datetime(2026, 1, 1, tzinfo=UTC), by=None)}
    assert (told["Fine"].becomes, told["Lost"].becomes, told["Bad"].becomes) == ("new", "", "")
    assert told["Lost"].wrong
    assert told["Bad"].wrong.startswith("all[0]")
    with pytest.raises(RefusedError):
        exchange.imported({"segments": []}, now=NOW, by=None)
