"""The engine's tree with its commonest nodes done quickly: plain variables, plain conditions, and what holds them.

Whatever is not plain (a filter, a value that is no text, a variable that is missing) goes the engine's own way, so that
a mail reads the same either way; a test renders all of them both ways.
"""

from collections.abc import Sequence
from typing import Any, TextIO

from liquid import RenderContext
from liquid.ast import BlockNode, ConditionalBlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from markupsafe import escape

PLAIN = frozenset({str, dict, list, int, bool, type(None)})


def quickened(nodes: Sequence[Node]) -> list[Node]:
    """The nodes of a template as one block, the commonest exchanged."""
    if not nodes:
        return []
    whole = _Block(nodes[0].token, _exchanged(nodes))
    whole.blank = False  # blank blocks are left out, a blank template is not
    return [whole]


def _exchanged(nodes: Sequence[Node]) -> list[Node]:
    return [_node(each) for each in nodes]


def _node(node: Node) -> Node:
    if type(node) is OutputNode:
        path = _path(node.expression)
        return _Put(node, path) if path else node
    if type(node) is IfNode:
        return _if(node)
    if type(node) is ForNode:
        node.block = _block(node.block)
        node.default = _block(node.default) if node.default else None
    return node


def _if(node: IfNode) -> Node:
    node.consequence = _block(node.consequence)
    node.default = _block(node.default) if node.default else None
    for each in node.alternatives:
        if isinstance(each, ConditionalBlockNode):
            each.block = _block(each.block)
    path = _path(node.condition)
    return _When(node, path) if path and not node.alternatives else node


def _block(node: BlockNode) -> BlockNode:
    made = _Block(node.token, _exchanged(node.nodes))
    made.blank = node.blank
    return made


def _path(expression: Any) -> list[str]:
    """The steps of a variable that stands alone; none where it is anything else."""
    if isinstance(expression, FilteredExpression) and not expression.filters:
        expression = expression.left
    elif isinstance(expression, BooleanExpression):
        expression = expression.expression
    if not isinstance(expression, Path) or not all(isinstance(each, str) for each in expression.path):
        return []
    return [str(each) for each in expression.path]


class _Put(OutputNode):
    """A variable."""

    __slots__ = ("rest", "root")

    def __init__(self, node: OutputNode, path: list[str]) -> None:
        super().__init__(node.token, node.expression)
        self.root, self.rest = path[0], path[1:]

    def said(self, context: RenderContext) -> str | None:
        """What is put in; None where the engine has to look itself, and says what is missing."""
        try:
            value = context.scope[self.root]
            for key in self.rest:
                value = value[key]  # type: ignore[index]
        except (KeyError, TypeError, IndexError):
            return None
        if type(value) is not str:
            return None
        return escape(value) if context.autoescape else value


class _When(IfNode):
    """A condition that asks whether a variable has a value."""

    __slots__ = ("rest", "root")

    def __init__(self, node: IfNode, path: list[str]) -> None:
        blank = node.consequence.blank
        super().__init__(node.token, node.condition, node.consequence, [], node.default)
        node.consequence.blank = blank
        self.root, self.rest = path[0], path[1:]

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        try:
            value = context.scope[self.root]
            for key in self.rest:
                value = value[key]  # type: ignore[index]
        except (KeyError, TypeError, IndexError):
            return super().render_to_output(context, buffer)
        if type(value) not in PLAIN:
            return super().render_to_output(context, buffer)
        if value is not None and value is not False:
            return self.consequence.render_to_output(context, buffer)
        return self.default.render_to_output(context, buffer) if self.default else 0


class _Block(BlockNode):
    """What stands between two tags: texts and variables next to each other are written in one go."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        if self.blank:
            return super().render_to_output(context, buffer)
        written, parts = 0, list[str]()
        for node in self.nodes:
            kind, text = (
                type(node),
                None,
            )  # not isinstance: the engine's classes are abstract ones, which are slow to ask
            if kind is ContentNode:
                text = node.text  # type: ignore[attr-defined]
            elif kind is _Put:
                text = node.said(context)  # type: ignore[attr-defined]
            if text is not None:
                parts.append(text)
                continue
            if parts:
                written += buffer.write("".join(parts))
                parts = []
            written += node.render_to_output(context, buffer)
        return written + (buffer.write("".join(parts)) if parts else 0)
