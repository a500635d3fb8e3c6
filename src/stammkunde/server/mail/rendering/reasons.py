"""Why a mail came, in a sentence that its reader can check: what they did, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stammkunde.server.consent.bases import Basis
from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose
from stammkunde.server.mail.rendering.formats import day

_EN = {
    "consent": "You get this message because you agreed to it on {day}.",
    "existing": "You get this message because you ordered from us on {day} and have not objected.",
    "contract": "You get this message because of your order of {day}.",
    "opt_in": "You get this message because this address was signed up with us on {day}.",
    "request": "You get this message because you asked for it on {day}.",
    "opt_out": "You get this message because you are known to our shop and have not objected.",
    "with_consent": "The suggestions are in it because you agreed to them on {day}.",
    "with_existing": "The suggestions are in it because you ordered from us on {day} and have not objected.",
    "with_opt_out": "The suggestions are in it because you have not objected to them.",
}
_DU = {
    "consent": "Diese Nachricht kommt, weil du am {day} eingewilligt hast.",
    "existing": "Diese Nachricht kommt, weil du am {day} bei uns bestellt und nicht widersprochen hast.",
    "contract": "Diese Nachricht kommt wegen deiner Bestellung vom {day}.",
    "opt_in": "Diese Nachricht kommt, weil diese Adresse am {day} bei uns angemeldet wurde.",
    "request": "Diese Nachricht kommt, weil du am {day} darum gebeten hast.",
    "opt_out": "Diese Nachricht kommt, weil unser Shop dich kennt und du nicht widersprochen hast.",
    "with_consent": "Die Vorschläge stehen darin, weil du am {day} eingewilligt hast.",
    "with_existing": "Die Vorschläge stehen darin, weil du am {day} bei uns bestellt und nicht widersprochen hast.",
    "with_opt_out": "Die Vorschläge stehen darin, weil du ihnen nicht widersprochen hast.",
}
_SIE = {
    "consent": "Diese Nachricht kommt, weil Sie am {day} eingewilligt haben.",
    "existing": "Diese Nachricht kommt, weil Sie am {day} bei uns bestellt und nicht widersprochen haben.",
    "contract": "Diese Nachricht kommt wegen Ihrer Bestellung vom {day}.",
    "opt_in": "Diese Nachricht kommt, weil diese Adresse am {day} bei uns angemeldet wurde.",
    "request": "Diese Nachricht kommt, weil Sie am {day} darum gebeten haben.",
    "opt_out": "Diese Nachricht kommt, weil unser Shop Sie kennt und Sie nicht widersprochen haben.",
    "with_consent": "Die Vorschläge stehen darin, weil Sie am {day} eingewilligt haben.",
    "with_existing": "Die Vorschläge stehen darin, weil Sie am {day} bei uns bestellt und nicht widersprochen haben.",
    "with_opt_out": "Die Vorschläge stehen darin, weil Sie ihnen nicht widersprochen haben.",
}
SENTENCES: Mapping[str, Mapping[str, str]] = {"en": _EN, "de-du": _DU, "de-sie": _SIE}
Said = Mapping[str, Any]
Times = Mapping[tuple[str, int], datetime]


def reason(bases: Sequence[Said], times: Times, voice: str) -> str | None:
    """The sentence for the message, and one for the blocks that stand in it on another basis. `times` are those of
    entries and orders: ("entry", 3). None where nothing is known of why."""
    carried = [each for each in bases if each["basis"]]
    whole = next((each for each in carried if not each["block"]), None)
    if whole is None:
        return None
    said = [_sentence(_key(whole), whole, times, voice)]
    blocks = [each for each in carried if each["block"] and each["basis"] != whole["basis"]]
    said += [_sentence(f"with_{each['basis']}", each, times, voice) for each in blocks[:1]]
    return " ".join(filter(None, said)) or None


def advertises(bases: Sequence[Said]) -> str:
    """What of advertising is in it by these bases: its purpose, empty where there is none."""
    carried = [str(each["purpose"]) for each in bases if each["basis"]]
    return next((each for each in carried if each not in TRANSACTIONAL), "")


def proofs(bases: Sequence[Said]) -> list[tuple[str, int]]:
    """The rows whose time is told: of each basis the entry, or the order."""
    return [
        (kind, int(each[kind])) for each in bases for kind in ("entry", "order") if each["basis"] and each.get(kind)
    ]


def _key(whole: Said) -> str:
    if whole["basis"] == Basis.REQUEST and whole["purpose"] == Purpose.OPT_IN:
        return "opt_in"
    return str(whole["basis"])


def _sentence(key: str, said: Said, times: Times, voice: str) -> str:
    sentence = SENTENCES[voice].get(key, "")
    if "{day}" not in sentence:
        return sentence
    when = next((times[kind, said[kind]] for kind in ("entry", "order") if (kind, said.get(kind)) in times), None)
    return sentence.format(day=day(when, voice)) if when else ""
