"""Blanks go, letters stay: on both engines."""

import pyarrow as pa

from stammkunde.facts import Engine
from stammkunde.facts.parsing.blanks import stripped


def test_blanks_are_stripped_and_nothing_else(engine: Engine) -> None:
    texts = [" Gustav Wolf ", "\t\r\nfv\u00a0", "vf", "", "  ", "a  b", "\\t"]
    t = engine.from_arrow(pa.table({"row": range(len(texts)), "text": texts}), "blanks")
    found = engine.to_arrow(t.select("row", plain=stripped(t.text)).order_by("row"))["plain"].to_pylist()
    assert found == ["Gustav Wolf", "fv", "vf", "", "", "a  b", "\\t"]
