"""A notice is its English sentence, and keeps the name and the figures that other languages need."""

import pickle
from copy import deepcopy
from datetime import date

import pytest

from stammkunde.notices import Notice

QUIET = Notice("quiet_end", days=40, until=date(2024, 12, 31), last=date(2024, 11, 21))


def test_a_notice_reads_as_its_english_sentence() -> None:
    assert QUIET == (
        "There is no order in the 40 days before 2024-12-31. If the export ends on 2024-11-21, say so: "
        "until=2024-11-21."
    )


@pytest.mark.parametrize("again", [pickle.loads(pickle.dumps(QUIET)), deepcopy(QUIET)])
def test_a_notice_keeps_its_key_and_figures_on_the_way_to_another_process(again: Notice) -> None:
    assert (again, again.key, again.values) == (QUIET, QUIET.key, QUIET.values)


def test_a_notice_is_saved_by_name_not_by_sentence() -> None:
    told = Notice("nobody_leaves", days=373)
    assert told.to_dict() == {"key": "nobody_leaves", "days": 373}
    assert Notice.from_dict(told.to_dict()) == told


def test_a_notice_of_unknown_name_or_without_its_figures_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Notice("nothing")
    with pytest.raises(KeyError):
        Notice("quiet_end", days=3)
