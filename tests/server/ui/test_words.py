"""German throughout: every text has its translation, with the same blanks, one for all rooms, and addresses nobody."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from server.ui.words import Text, in_python, in_template, texts
from stammkunde.server.ui import catalogs

BLANK = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
#: Who is spoken to. "Sie" and "Ihr" that begin a sentence may be "they" and "her", and cannot be told apart here.
SPOKEN_TO = re.compile(
    r"\b(du|dich|dir|dein\w*|euch|euer\w*|eure\w*)\b|(?<![.?:„])(?<!^) (Sie|Ihnen|Ihr|Ihre|Ihrem|Ihren|Ihrer|Ihres)\b",
)


def german() -> Iterator[tuple[str, Text, tuple[str, ...]]]:
    """Room, text and translations of every message of every catalogue."""
    for path in catalogs.sources("de"):
        room = path.relative_to(catalogs.ROOMS).parts[0]
        for message in catalogs.read(path):
            if message.id:
                one, many = message.id if isinstance(message.id, tuple) else (message.id, "")
                said = message.string if isinstance(message.string, tuple) else (message.string,)
                yield room, Text(one, many, message.context or "", f"{room}:{message.lineno}"), said


@pytest.fixture(scope="module")
def spoken() -> dict[tuple[str, str, str], tuple[str, ...]]:
    return {(text.id, text.plural, text.context): said for _, text, said in german() if all(said)}


def test_every_text_has_its_german(spoken: dict[tuple[str, str, str], tuple[str, ...]]) -> None:
    lacking = [f"{t.where}: {t.id!r}" for t in texts() if (t.id, t.plural, t.context) not in spoken]
    assert not lacking, "\n".join(["No German:", *lacking])


def test_blanks_are_the_same_in_both_languages() -> None:
    wrong = [
        f"{text.where}: {text.id!r}"
        for _, text, said in german()
        if not all(_filled(text, each) for each in said if each)
    ]
    assert not wrong, "\n".join(["Other blanks:", *wrong])


def _filled(text: Text, said: str) -> bool:
    """The same blanks; of what is counted, one may say "one" instead of the number."""
    one, many, here = (set(BLANK.findall(each)) for each in (text.id, text.plural, said))
    return here in (one, many) if text.plural else here == one


def test_german_addresses_nobody_and_does_not_shout() -> None:
    wrong = [f"{t.where}: {s!r}" for _, t, said in german() for s in said if "!" in s or SPOKEN_TO.search(s)]
    assert not wrong, "\n".join(["Addresses somebody, or shouts:", *wrong])


def test_rooms_say_the_same_for_the_same() -> None:
    """All rooms share one catalogue: of two translations one would be lost. `context` keeps two meanings apart."""
    said = defaultdict(set)
    for room, text, words in german():
        said[text.id, text.context].add((room, text.plural, words))
    wrong = [f"{key!r}: {sorted(found)}" for key, found in said.items() if len({each[1:] for each in found}) > 1]
    assert not wrong, "\n".join(["Two translations of one text:", *wrong])


def test_texts_are_found_where_they_stand() -> None:
    lines = (
        "{% load i18n %}{% translate '9% more' context 'sequence' %}",
        "{% blocktranslate count n=n %}One{% plural %}{{ n }} of 9%{% endblocktranslate %}",
    )
    assert list(in_template("\n".join(lines), "a.html")) == [
        Text("9%% more", "", "sequence", "a.html:1"),
        Text("One", "%(n)s of 9%%", "", "a.html:2"),
    ]
    module = '_("Run")\npgettext("nav", "Value")\nngettext("One", "Many", 2)\n'
    assert [(t.id, t.plural, t.context) for t in in_python(module, "a.py")] == [
        ("Run", "", ""),
        ("Value", "", "nav"),
        ("One", "Many", ""),
    ]


def test_a_text_put_together_too_early_is_found() -> None:
    with pytest.raises(ValueError, match=r"a\.py:1"):
        list(in_python('_(f"Run {number}")', "a.py"))


@pytest.mark.parametrize("said", ["Bitte geben Sie es ein.", "Das ist dein Segment.", "Fragen Ihnen gestellt"])
def test_who_is_spoken_to_is_noticed(said: str) -> None:
    assert SPOKEN_TO.search(said)


@pytest.mark.parametrize("said", ["Sie braucht eines.", "Vorschau. Sie zeigt mehr.", "durch Siebdruck"])
def test_others_may_be_spoken_of(said: str) -> None:
    assert not SPOKEN_TO.search(said)
