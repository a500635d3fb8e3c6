"""The sandbox that texts of a mail run in: few tags and filters, no files, limits on loops, size and time.

A text may come from a file that somebody found: it must be able to do no more than fill in what it is given.
"""

import re
from collections.abc import Mapping
from io import StringIO
from time import monotonic
from typing import Any

from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, Mode, RenderContext
from liquid.ast import Node
from liquid.exceptions import LiquidError, OutputStreamLimitError, ResourceLimitError, UndefinedError
from liquid.undefined import FalsyStrictUndefined

from stammkunde.errors import StammkundeError
from stammkunde.server.mail.rendering.quick import quickened

TAGS = frozenset({"#", "assign", "break", "case", "comment", "continue", "cycle", "for", "if", "unless"})
INSIDE = frozenset({"content", "output", "illegal"})  # what the engine itself needs
FILTERS = frozenset(
    {
        *("append", "capitalize", "default", "downcase", "first", "join", "last", "minus", "plus", "prepend", "size"),
        *("strip", "truncate", "truncatewords", "upcase", "url_encode"),
    }
)
LOOPS, NAMESPACE, OUTPUT, SECONDS = 1_000, 50_000, 1_000_000, 1.0
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class FillingError(StammkundeError):
    """A text cannot be read, or not be filled in."""

    advice = "See the list of variables beside the editor."


class _Output(StringIO):
    """What is being written, up to a size."""

    def __init__(self) -> None:
        super().__init__()
        self.left = OUTPUT

    def write(self, text: str, /) -> int:
        self.left -= len(text)
        if self.left < 0:
            raise OutputStreamLimitError("output stream limit reached", token=None)
        return super().write(text)


class _Context(RenderContext):
    """A context that looks at the clock wherever work could pile up: the limits of the engine are per loop."""

    __slots__ = ("ends",)

    def __init__(self, template: BoundTemplate, **more: Any) -> None:
        super().__init__(template, **more)
        self.ends = monotonic() + SECONDS

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self._in_time()
        super().raise_for_loop_limit(length)

    def assign(self, key: str, val: Any) -> None:
        self._in_time()
        super().assign(key, val)

    def _in_time(self) -> None:
        if monotonic() > self.ends:
            raise ResourceLimitError("time limit reached", token=None)


class _Template(BoundTemplate):
    context_class = _Context

    def _get_buffer(self) -> StringIO:
        return _Output()

    def __init__(self, env: Environment, nodes: list[Node], *more: Any, **named: Any) -> None:
        super().__init__(env, quickened(nodes) if env.quick else nodes, *more, **named)  # type: ignore[attr-defined]


class _Sandbox(Environment):
    template_class = _Template
    quick = True
    loop_iteration_limit = LOOPS
    local_namespace_limit = NAMESPACE
    output_stream_limit = OUTPUT
    block_nesting_limit = 20

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS | INSIDE}
        self.filters = {name: way for name, way in self.filters.items() if name in FILTERS}


_HTML = _Sandbox(autoescape=True, undefined=FalsyStrictUndefined, tolerance=Mode.STRICT)
_PLAIN = _Sandbox(autoescape=False, undefined=FalsyStrictUndefined, tolerance=Mode.STRICT)


def parse(text: str, *, html: bool) -> BoundTemplate:
    """A text, ready to be filled in; in HTML what is filled in is escaped.

    Raises
    ------
    FillingError : it is not written as Liquid wants it.
    """
    try:
        return (_HTML if html else _PLAIN).from_string(text)
    except (LiquidError, RecursionError) as error:
        why = _("This is not written as Liquid wants it: %(why)s.") % {"why": _short(error)}
        raise FillingError(
            why, advice=_("Write variables as {{ customer.name }}; every if ends with endif.")
        ) from error


def fill(template: BoundTemplate, context: Mapping[str, Any]) -> str:
    """The text with its variables filled in.

    Raises
    ------
    FillingError : a variable has no value here, or a limit was reached.
    """
    try:
        return template.render(context)
    except UndefinedError as error:
        why = _("There is nothing to put in for a variable: %(why)s.") % {"why": _short(error)}
        advice = _("Put it between if and endif, or give it a default.")
        raise FillingError(why, advice=advice) from error
    except ResourceLimitError as error:
        advice = _("Loop less often, and over shorter lists.")
        raise FillingError(_("The text does too much: %(why)s.") % {"why": _short(error)}, advice=advice) from error
    except (LiquidError, ArithmeticError, TypeError, ValueError, RecursionError) as error:
        why = _("The text cannot be filled in: %(why)s.") % {"why": _short(error)}
        raise FillingError(why, advice=_("Look at its filters and what they are given.")) from error


def variables(template: BoundTemplate) -> list[list[Any]]:
    """The paths of all variables that come from outside the text."""
    found = template.analyze(include_partials=False).globals
    return [list(each.segments) for places in found.values() for each in places]


def filters(template: BoundTemplate) -> set[str]:
    """The names of all filters it uses."""
    return set(template.analyze(include_partials=False).filters)


def _short(error: Exception) -> str:
    """The first line of the engine's message."""
    return str(error).strip().split("\n")[0][:200]


def put(name: str) -> str:
    """The Liquid that puts a variable in."""
    return "{{ " + name + " }}"


def when(name: str, said: str) -> str:
    """The Liquid that says something where a variable has a value."""
    return "{% if " + name + " %}" + said + "{% endif %}"


def each(item: str, of: str, said: str) -> str:
    """The Liquid that says something for every item of a list."""
    return "{% for " + item + " in " + of + " %}" + said + "{% endfor %}"


class Tokens:
    """Liquid put out of the way while Markdown and MJML work on a text: each tag becomes a word of letters and digits,
    and is put back after. MJML would escape a ">" inside a tag and stumble over a "<"."""

    MARK = re.compile(r"LqT(\d{4,})TqL")

    def __init__(self) -> None:
        self.kept: list[str] = []

    def put(self, tag: str) -> str:
        """The word for a tag."""
        self.kept.append(tag)
        return f"LqT{len(self.kept) - 1:04d}TqL"

    def hide(self, text: str) -> str:
        """The text with words for its tags. What looks like one already is taken apart."""
        return TAG.sub(lambda found: self.put(found.group()), self.MARK.sub("LqT\u2060\\1TqL", text))

    def back(self, text: str) -> str:
        """The text with its tags again."""
        return self.MARK.sub(lambda found: self.kept[int(found.group(1))], text)
