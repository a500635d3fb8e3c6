"""Every text of the rooms that has to be translated, with where it stands: from templates, and from Python."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from django.template import Node, Template, engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from stammkunde.server.ui.catalogs import ROOMS

#: Functions of gettext: how many texts they take, and whether a context comes first.
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}


@dataclass(frozen=True)
class Text:
    """A text to be translated: the singular, the plural if it counts, the context, and where it stands."""

    id: str
    plural: str
    context: str
    where: str


def texts() -> Iterator[Text]:
    """All of them."""
    for path in sorted(ROOMS.rglob("*.py")):
        yield from in_python(path.read_text(encoding="utf-8"), str(path.relative_to(ROOMS)))
    for path in sorted(each for each in ROOMS.glob("*/templates/**/*") if each.is_file()):
        yield from in_template(path.read_text(encoding="utf-8"), str(path.relative_to(ROOMS)))


def in_python(source: str, where: str) -> Iterator[Text]:
    """Texts in calls of gettext.

    Raises
    ------
    ValueError : a text is put together while the program runs, so that nobody can have translated it.
    """
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        taken = 2 if name in PLURAL | CONTEXT else 1
        if name not in SINGULAR | PLURAL | CONTEXT or not call.args:
            continue
        place = f"{where}:{call.lineno}"
        if any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in call.args[:taken]):
            raise ValueError(f"{place}: this text is put together before it is translated.")
        said = [
            each.value for each in call.args[:taken] if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        if len(said) == taken:
            yield _called(name, said, place)


def _called(name: str, said: list[str], where: str) -> Text:
    if name in CONTEXT:
        return Text(said[1], "", said[0], where)
    return Text(said[0], said[1] if name in PLURAL else "", "", where)


def in_template(source: str, where: str) -> Iterator[Text]:
    """Texts in `translate` and `blocktranslate`, as Django itself reads them."""
    template: Template = engines["django"].from_string(source).template
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        said = node.filter_expression.var
        literal = getattr(said, "literal", said)
        if isinstance(literal, str):
            yield Text(literal.replace("%", "%%"), "", _context(node), f"{where}:{node.token.lineno}")
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        plural = node.render_token_list(node.plural)[0] if node.plural else ""
        yield Text(node.render_token_list(node.singular)[0], plural, _context(node), f"{where}:{node.token.lineno}")


def _context(node: Node) -> str:
    found = getattr(node, "message_context", None)
    return str(getattr(found, "var", "")) if found else ""
