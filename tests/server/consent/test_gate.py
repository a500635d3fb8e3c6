"""Over histories nobody thought of: advertising leaves only with a basis that holds at that second."""

from datetime import UTC, datetime, timedelta
from operator import attrgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from law_oracle import excuses
from stammkunde.server.consent.bases import Basis
from stammkunde.server.consent.gate import (
    Asked,
    Block,
    Bought,
    Person,
    Rules,
    Said,
    decide,
    may_score,
    may_track,
)
from stammkunde.server.consent.packs import PACKS
from stammkunde.server.consent.purposes import Purpose

START = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3000).map(lambda day: START + timedelta(days=day))
GOODS = st.frozensets(st.sampled_from(["coffee", "tea", "mugs"]), max_size=2)
TOPICS = st.sampled_from(["marketing", "behaviour", "surveys", "all", "scores", "tracking"])
KINDS = st.sampled_from(
    ["requested", "confirmed", "granted", "withdrawn", "objected", "notice_shown", "asked", "given"]
)
KEY = attrgetter("id")


def in_time(rows: list) -> tuple:  # type: ignore[type-arg]
    return tuple(sorted(rows, key=lambda each: getattr(each, "at", None) or each.since))


SAID = st.builds(
    Said,
    st.integers(1, 99),
    MOMENTS,
    KINDS,
    TOPICS,
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "1", "variant:7"]),
)
BOUGHT = st.builds(Bought, st.integers(1, 9), MOMENTS, GOODS, st.none() | MOMENTS)
BLOCKS = st.builds(
    Block, st.integers(1, 9), MOMENTS, st.sampled_from(["dead", "all", "marketing"]), st.just("x"), st.none() | MOMENTS
)
PEOPLE = st.builds(
    Person,
    st.just(1),
    st.sampled_from(["anna@example.com", "anna@example.com", ""]),
    st.sampled_from(["DE", "AT", "CH", "FR", "US", ""]),
    said=st.lists(SAID, max_size=6, unique_by=KEY).map(in_time),
    bought=st.lists(BOUGHT, max_size=4, unique_by=KEY).map(in_time),
    blocks=st.lists(BLOCKS, max_size=1).map(tuple),
    listed=st.booleans(),
    used=st.dictionaries(st.sampled_from(["marketing", "surveys"]), MOMENTS),
    topics_off=st.frozensets(st.sampled_from(["newsletter", "offer"]), max_size=1),
    paused_until=st.none() | MOMENTS,
)
ASKED = st.builds(
    Asked, st.just(1), st.sampled_from([str(each) for each in Purpose]), GOODS, st.sampled_from(["", "variant:7"])
)
RULES = st.builds(
    Rules, notices=st.lists(st.tuples(MOMENTS, st.none() | MOMENTS), max_size=2).map(tuple), all_similar=st.booleans()
)


@settings(max_examples=500)
@given(ASKED, PEOPLE, RULES, MOMENTS)
def test_nothing_leaves_without_a_basis_valid_at_that_second(
    asked: Asked, person: Person, rules: Rules, at: datetime
) -> None:
    found = decide(asked, person, rules, at=at)
    if found.allowed:
        assert excuses(asked, person, rules, at, found) == []
        assert found.basis in rules.row(PACKS[found.pack], asked.purpose).bases


@given(ASKED, PEOPLE, RULES, MOMENTS)
def test_what_comes_later_changes_no_decision_about_the_past(
    asked: Asked, person: Person, rules: Rules, at: datetime
) -> None:
    then = Person(
        **{
            **person.__dict__,
            "said": tuple(each for each in person.said if each.at <= at),
            "bought": tuple(each for each in person.bought if each.at <= at),
            "blocks": tuple(each for each in person.blocks if each.since <= at),
        }
    )
    assert decide(asked, then, rules, at=at) == decide(asked, person, rules, at=at)


@given(ASKED, PEOPLE, RULES, MOMENTS, st.sets(st.sampled_from(list(Basis))))
def test_a_tightened_matrix_allows_nothing_more(
    asked: Asked, person: Person, rules: Rules, at: datetime, left: set[Basis]
) -> None:
    found = decide(asked, person, rules, at=at)
    pack = PACKS[found.pack]
    bases = tuple(each for each in pack.rows[asked.purpose].bases if each in left)
    tighter = Rules(changed={(pack.key, asked.purpose): bases}, notices=rules.notices, all_similar=rules.all_similar)
    assert decide(asked, person, tighter, at=at).allowed <= found.allowed


@given(PEOPLE, MOMENTS)
def test_an_objection_to_advertising_lets_nobody_be_scored_less_or_tracked_more(person: Person, at: datetime) -> None:
    objection = Said(1000, at, "objected", "all")
    after = Person(**{**person.__dict__, "said": (*[each for each in person.said if each.at <= at], objection)})
    assert may_score(after, at=at) == may_score(person, at=at)
    assert not may_track(after, at=at)


def test_deniz_objects_to_forecasts_and_still_gets_the_newsletter() -> None:
    said = (Said(1, START, "confirmed", "marketing"), Said(2, START + timedelta(days=1), "objected", "scores"))
    deniz, later = Person(1, "deniz@example.com", "DE", said=said), START + timedelta(days=2)
    assert not may_score(deniz, at=later)
    assert decide(Asked(1, "newsletter"), deniz, Rules(), at=later).basis == "consent"
