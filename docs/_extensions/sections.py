"""Sections of our docstrings (Parameters, Raises) as lists, names in bold; the rest of a docstring is plain text."""

import re
from typing import Any

SECTIONS = {"Parameters", "Raises", "Returns", "Attributes"}


def tell(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Rewrite the lines of one docstring in place."""
    found = list(lines)
    lines.clear()
    inside = False
    for i, line in enumerate(found):
        if inside and set(line) == {"-"}:
            continue
        if line in SECTIONS and found[i + 1 : i + 2] == ["-" * len(line)]:
            inside = True
            lines.extend([f"**{line}**", ""])
            continue
        entry = re.match(r"(\w[\w, .]*?) : (.*)", line) if inside else None
        lines.append(f"- **{entry[1]}**: {entry[2]}" if entry else _continued(line, inside=inside))


def _continued(line: str, *, inside: bool) -> str:
    return f"  {line.strip()}" if inside and line.startswith(" ") else line


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", tell)
    return {"parallel_read_safe": True}
