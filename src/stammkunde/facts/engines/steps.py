"""How expressions become SQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import ibis


@contextmanager
def step_by_step() -> Iterator[None]:
    """Write each step of an expression as a query of its own.

    Ibis would merge them and so write a column out wherever it is used: what parses a date in ten steps that use each
    other then takes gigabytes of text. The engines merge what is worth it themselves.
    """
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before
