"""Credentials at rest: closed to everybody else, open after a change of the key, and only to who knows the key."""

import pytest
from pytest_django import Settings

from stammkunde.server.lib.seal import same, seal, unseal

OLD, NEW = "old " * 20, "new " * 20


def test_what_was_sealed_is_opened_again_and_cannot_be_read() -> None:
    sealed = seal({"token": "hunter2", "ä": [1, None]})
    assert "hunter2" not in sealed
    assert unseal(sealed) == {"token": "hunter2", "ä": [1, None]}
    assert unseal("") == {}
    assert seal({"token": "hunter2"}) != seal({"token": "hunter2"})


def test_after_a_change_of_the_key_the_old_one_still_opens_and_the_new_one_seals(settings: Settings) -> None:
    settings.SECRET_KEY = OLD
    before = seal({"token": "hunter2"})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert unseal(before) == {"token": "hunter2"}
    again = seal(unseal(before))
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(again) == {"token": "hunter2"}


def test_without_the_old_key_the_advice_names_the_setting(settings: Settings) -> None:
    settings.SECRET_KEY = OLD
    before = seal({"token": "hunter2"})
    settings.SECRET_KEY = NEW
    with pytest.raises(ValueError, match="STAMMKUNDE_OLD_SECRET_KEYS"):
        unseal(before)


@pytest.mark.parametrize("spoilt", ["nonsense", "gAAAAA", "ä"])
def test_what_was_never_sealed_is_refused_as_well(spoilt: str) -> None:
    with pytest.raises(ValueError, match="another secret key"):
        unseal(spoilt)


def test_equality_of_text_and_bytes() -> None:
    assert same("abc", b"abc")
    assert same("ä", "ä")
    assert not same("abc", "abd")
