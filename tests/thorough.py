"""Of many cases that are alike the first are run each time, and all of them by `make thorough`."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def sampled(cases: Iterable[Any], *, of: int = 1, named: Callable[[Any], str] = str) -> list[Any]:
    """Cases for `parametrize`: the first `of` them as they are, the rest marked as thorough."""
    marks = [pytest.mark.thorough]
    return [pytest.param(each, id=named(each), marks=marks if n >= of else []) for n, each in enumerate(cases)]
