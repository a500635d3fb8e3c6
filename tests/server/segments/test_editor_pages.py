"""Segments made, changed, read and taken out on pages: the way somebody without code goes."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from stammkunde.server.accounts.models import Entry
from stammkunde.server.lib.models import Job
from stammkunde.server.segments.models import Member, Move, Segment, Size
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Customer, Event, Source, Word

pytestmark = pytest.mark.django_db
People = dict[str, Customer]
Make = Callable[..., Any]
SLIPPING = {"r-kind": "all", "r-0-about": "fact:state", "r-0-op": "in", "r-0-value": "slipping"}
RULE = {"version": 1, "rule": {"all": [{"fact": "state", "op": "is", "value": "slipping"}]}}


def saved(people: People, **fields: Any) -> Segment:
    """A segment of Ben and Anna, computed yesterday and today."""
    now = timezone.now()
    values: dict[str, Any] = {"name": "Silent", "rule": RULE, "size": 2, "stale": False} | fields
    made = Segment.objects.create(rule_changed_at=now, created_at=now, computed_at=now, **values)
    for name in ("Anna", "Ben"):
        Member.objects.create(segment=made, customer=people[name], since=now)
    for ago in range(9):
        Size.objects.create(segment=made, day=days.number(now) - ago, size=2 + ago, entered=1, left=2)
    return made


def test_a_segment_is_made_without_code_and_computed_soon(owner: Client, people: People) -> None:
    answer = owner.post("/segments/new/", SLIPPING | {"name": "Silent", "kind": "audience", "description": ""})
    segment = Segment.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/segments/{segment.pk}/")
    assert segment.rule == RULE
    assert Job.objects.filter(kind="segments-changed", state="waiting").exists()
    html = owner.get(f"/segments/{segment.pk}/").content.decode()
    assert "It is being computed for the first time" in html


def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(owner: Client, people: People) -> None:
    typed = {"name": "Many", "kind": "audience", "r-0-about": "fact:orders", "r-0-op": ">=", "r-0-value": "many"}
    answer = owner.post("/segments/new/", typed)
    html = answer.content.decode()
    assert (answer.status_code, Segment.objects.count()) == (400, 0)
    assert 'id="r-0-error">“many” is no number' in html
    assert 'value="many"' in html
    assert 'value="Many"' in html
    answer = owner.post("/segments/new/", SLIPPING | {"name": ""})
    assert (answer.status_code, Segment.objects.count()) == (400, 0)
    empty = owner.post("/segments/new/", {"name": "All", "kind": "audience", "r-kind": "all"})
    assert "A group needs a condition" in empty.content.decode()


def test_buttons_work_without_a_script_and_keep_what_was_typed(owner: Client, people: People) -> None:
    html = owner.post("/segments/new/", SLIPPING | {"name": "Silent", "do": "add r"}).content.decode()
    assert html.count('class="condition"') == 2
    assert 'value="Silent"' in html
    html = owner.post("/segments/new/", SLIPPING | {"name": "Silent", "do": "look"}).content.decode()
    assert "One customer" in html
    assert ">Ben</a>" in html
    assert Segment.objects.count() == 0


def test_while_somebody_types_the_page_counts_names_some_and_says_the_rule(owner: Client, people: People) -> None:
    html = owner.post("/segments/preview/", SLIPPING).content.decode()
    assert "One customer" in html
    assert "“Slipping”" in html
    assert 'id="r-0-error" hx-swap-oob="true"></p>' in html
    html = owner.post("/segments/preview/", {"r-0-about": "fact:clv", "r-0-value": "x"}).content.decode()
    assert 'hx-swap-oob="true">“x” is no number' in html
    assert "Something has to stand here" not in owner.post("/segments/preview/", {"r-0-value": ""}).content.decode()
    other = {"r-0-about": "fact:country", "r-0-was": "fact:state"}
    html = owner.post("/segments/draft/", SLIPPING | other).content.decode()
    assert "begins with" in html
    assert 'value="slipping"' not in html
    assert owner.post("/segments/draft/", SLIPPING).headers["HX-Trigger-After-Swap"] == "drafted"


def test_the_shops_own_words_are_offered(owner: Client, person: Make, source: Source) -> None:
    person("Anna", country="AT")
    html = owner.get("/segments/words/?of=fact:country&field=r-0-value&r-0-value=a").content.decode()
    assert html.strip() == '<option value="AT"></option>'
    anna = Customer.objects.get()
    for name in ("Product Viewed", "Product Added", "Order Completed") * 3:
        key = f"{name}{Event.objects.count()}"
        Event.objects.create(
            source=source, key=key, name=name, at=timezone.now(), received_at=timezone.now(), customer=anna
        )
    html = owner.get("/segments/words/?of=event&field=r-0-value&r-0-value=Prod").content.decode()
    assert html.split('"')[1::2] == ["Product Added", "Product Viewed"]
    assert owner.get("/segments/words/?of=passwords").content.strip() == b""


def test_an_address_begins_a_rule_and_a_segment_cannot_ask_for_itself(owner: Client, people: People) -> None:
    html = owner.get("/segments/new/?state=slipping&r=2&tier=middle").content.decode()
    assert html.count('class="condition"') == 3
    segment = saved(people)
    html = owner.get(f"/segments/{segment.pk}/edit/").content.decode()
    assert 'value="slipping" checked' in html
    itself = {"name": "Silent", "r-0-about": "segment", "r-0-segment": str(segment.pk), "r-0-op": "in"}
    answer = owner.post(f"/segments/{segment.pk}/edit/", itself)
    assert (answer.status_code, "asks for this segment itself" in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_segment_says_its_size_who_is_in_it_who_came_and_why(owner: Client, people: People, language: str) -> None:
    segment = saved(people, alarm={"change": 40, "usual": [-3, 5]})
    why = [{"path": "all[0]", "before": "active", "after": "slipping"}, {"because": "rule"}, {"path": "any[7]"}]
    Move.objects.create(segment=segment, customer=people["Ben"], entered=True, at=timezone.now(), why=why)
    answer = owner.get(f"/segments/{segment.pk}/?who={people['Ben'].pk}", headers={"accept-language": language})
    html = answer.content.decode()
    for said in (
        ("2 customers belong to it", "2 Kunden gehören dazu"),
        ("shrank from 10 to 2", "schrumpfte"),
        ("before Active, then Slipping", "vorher Aktiv, dann Entgleitend"),
        ("The rule was changed", "Die Regel wurde geändert"),
        ("Ben belongs to it", "Ben gehört dazu"),
        ("between −3 and 5 is usual", "üblich sind −3 bis 5"),
    ):
        assert said[language == "de"] in html
    assert "style=" not in html


def test_why_somebody_is_in_it_is_answered_for_one_and_asks_back_for_several(owner: Client, people: People) -> None:
    segment = saved(people)
    address = f"/segments/{segment.pk}/why/?who="
    assert "does not belong to it" in owner.get(f"{address}{people['Anna'].pk}").content.decode()
    assert "Nobody is found" in owner.get(f"{address}nobody").content.decode()
    for name in ("Emil Berg", "Emil Bach"):
        emil = Customer.objects.create(origin=name, name=name, known_since=timezone.now(), changed_at=timezone.now())
        Word.objects.create(customer=emil, word="emil")
    assert "Nothing is known of Emil Bach yet" in owner.get(f"{address}{emil.pk}").content.decode()
    html = owner.get(f"{address}emil").content.decode()
    assert "Several may be meant" in html
    assert f'href="/segments/{segment.pk}/?who={emil.pk}#why"' in html


def test_members_come_page_by_page(owner: Client, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = saved(people)
    monkeypatch.setattr("stammkunde.server.segments.queries.members.page.__kwdefaults__", {"after": "", "most": 1})
    first = owner.get(f"/segments/{segment.pk}/").content.decode()
    assert f'rel="next" href="?after={people["Ben"].pk}#members"' in first
    rest = owner.get(f"/segments/{segment.pk}/?after={people['Ben'].pk}").content.decode()
    assert ">Anna</a>" in rest
    assert "Further" not in rest


def test_members_are_taken_out_without_formulas_and_the_log_says_by_whom(owner: Client, people: People) -> None:
    Customer.objects.filter(name="Ben").update(name="=HYPERLINK(1)")
    segment = saved(people)
    assert owner.get(f"/segments/{segment.pk}/members/").status_code == 405
    answer = owner.post(f"/segments/{segment.pk}/members/")
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert [row.split(",")[1] for row in rows] == ["name", "Anna", "'=HYPERLINK(1)"]
    assert Entry.objects.get(verb="took out").title == "Silent"


def test_starters_come_by_one_button_and_again_change_nothing(owner: Client, people: People) -> None:
    assert "Begin with proven segments" in owner.get("/segments/").content.decode()
    for _ in range(2):
        assert owner.post("/segments/starters/").status_code == 302
    assert Segment.objects.filter(starter="regulars").count() == 1
    html = owner.get("/segments/").content.decode()
    assert "Begin with proven segments" not in html
    assert "Regulars" in html


def test_the_list_marks_what_is_unusual_and_counts_the_week(owner: Client, people: People) -> None:
    saved(people, alarm={"change": 40, "usual": [-3, 5]})
    html = owner.get("/segments/").content.decode()
    assert "unusual" in html
    assert ">+7<" in html
    assert ">−14<" in html
    assert 'class="spark"' in html


def test_a_file_is_looked_at_before_it_is_kept(owner: Client, people: People) -> None:
    saved(people)
    text = owner.get("/segments/file/").content
    Segment.objects.all().delete()
    file = SimpleUploadedFile("segments.json", text)
    html = owner.post("/segments/import/", {"file": file}).content.decode()
    assert ("Keep these" in html, Segment.objects.count()) == (True, 0)
    assert owner.post("/segments/import/", {"text": text.decode(), "keep": "yes"}).status_code == 302
    assert Segment.objects.get().rule == RULE
    again = owner.post("/segments/import/", {"text": text.decode()}).content.decode()
    assert "There is nothing to keep" in again


@pytest.mark.parametrize("text", [b"", b"[", b"{}", b"[" * 9999, b"\xff\xfe", json.dumps({"segments": []}).encode()])
def test_what_is_no_file_of_segments_says_so(owner: Client, text: bytes) -> None:
    answer = owner.post("/segments/import/", {"file": SimpleUploadedFile("x.json", text or b" ")})
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)


def test_what_others_ask_for_is_not_deleted(owner: Client, people: People) -> None:
    segment = saved(people)
    user = saved(people, name="Other", rule={"version": 1, "rule": {"segment": segment.pk, "op": "in"}})
    assert "Other segments ask for it: Other" in owner.get(f"/segments/{segment.pk}/").content.decode()
    owner.post(f"/segments/{segment.pk}/delete/")
    assert Segment.objects.count() == 2
    for each in (user, segment):
        assert owner.post(f"/segments/{each.pk}/delete/").headers["Location"] == "/segments/"
    assert Segment.objects.count() == 0


def test_compute_now_asks_once_and_shows_how_far_it_is(owner: Client, people: People) -> None:
    for _ in range(2):
        assert owner.post("/segments/compute/").status_code == 302
    assert Job.objects.filter(kind="segments").count() == 1
    assert "Segments are being computed" in owner.get("/segments/").content.decode()
    assert "HX-Refresh" not in owner.get("/segments/progress/").headers
    Job.objects.update(state="done", finished_at=timezone.now() - timedelta(seconds=1))
    assert owner.get("/segments/progress/").headers["HX-Refresh"] == "true"


def test_who_may_only_see_is_offered_no_change(as_role: Callable[[str], Client], people: People) -> None:
    segment, reader = saved(people), as_role("reader")
    for address in ("/segments/", f"/segments/{segment.pk}/", "/segments/people/"):
        html = reader.get(address).content.decode()
        assert "/segments/new/" not in html
        assert "/edit/" not in html
        assert "/members/" not in html


def test_the_page_of_a_customer_names_the_segments_and_leads_to_why(owner: Client, people: People) -> None:
    segment = saved(people)
    html = owner.get(f"/customers/{people['Ben'].pk}/").content.decode()
    assert f'href="/segments/{segment.pk}/?who={people["Ben"].pk}#why"' in html
    assert "In none of the saved segments" in owner.get(f"/customers/{people['Clara'].pk}/").content.decode()
