"""Markdown as mails have it: paragraphs, emphasis, links and lists. Read once, when a mail is compiled."""

from collections.abc import Iterator
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"https", "mailto", "tel"}


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(
        ["emphasis", "link", "list", "newline", "escape", "entity"]
    )


def parsed(text: str) -> list[Token]:
    """The text as tokens."""
    return _parser().parse(text)


def html(text: str) -> str:
    """The text as HTML, with nothing in it but what Markdown of mails may make."""
    made = _parser().render(text)
    # Relative links stay: they are words that stand for a variable.
    return nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None).strip()


def links(text: str) -> Iterator[tuple[str, str]]:
    """Every link of a text: what it says, and where it leads."""
    for token in parsed(text):
        yield from _links(token.children or [])


def _links(inline: list[Token]) -> Iterator[tuple[str, str]]:
    href, said = "", list[str]()
    for each in inline:
        if each.type == "link_open":
            href, said = str(each.attrGet("href") or ""), []
        elif each.type == "link_close":
            yield "".join(said), href
        else:
            said.append(each.content)


def refused(text: str) -> bool:
    """Whether somebody tried a link that Markdown itself does not make one of, such as javascript:."""
    shown = "".join(each.content for token in parsed(text) for each in token.children or [] if each.type == "text")
    return "](" in shown


def plain(text: str) -> str:
    """The text without signs of Markdown: links as "text: address", lists with dashes."""
    lines: list[str] = []
    numbers: list[int | None] = []
    for token in parsed(text):
        if token.type == "bullet_list_open":
            numbers.append(None)
        elif token.type == "ordered_list_open":
            numbers.append(int(token.attrGet("start") or 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            numbers.pop()
            if not numbers:
                lines.append("")
        elif token.type == "inline":
            lines += [_sign(numbers) + _inline(token.children or [])] + [""] * (not numbers)
    return "\n".join(lines).strip()


def _sign(numbers: list[int | None]) -> str:
    if not numbers:
        return ""
    last, deep = numbers[-1], "  " * (len(numbers) - 1)
    if last is None:
        return f"{deep}- "
    numbers[-1] = last + 1
    return f"{deep}{last}. "


def _inline(tokens: list[Token]) -> str:
    said, href, begun = list[str](), "", 0
    for each in tokens:
        if each.type == "link_open":
            href, begun = str(each.attrGet("href") or ""), len(said)
        elif each.type == "link_close":
            text = "".join(said[begun:])
            said[begun:] = [text if text.strip() == href else f"{text}: {href.removeprefix('mailto:')}"]
        else:
            said.append("\n" if each.type in ("softbreak", "hardbreak") else each.content)
    return "".join(said)
