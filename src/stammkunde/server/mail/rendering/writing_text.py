"""Blocks as plain text, one function for each kind: what a screen reader, a watch and a careful reader get."""

from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from stammkunde.server.mail.rendering import blocks, markdown
from stammkunde.server.mail.rendering.liquid import Tokens, each, put, when
from stammkunde.server.mail.rendering.voices import Texts
from stammkunde.server.mail.rendering.wording import WORDS
from stammkunde.server.mail.rendering.writing_html import SCALES, WAYS, said_score, scored

NEW = "\n"


class Writer:
    """Writes blocks in one voice."""

    def __init__(self, voice: str) -> None:
        self.voice, self.words = voice, WORDS[voice]

    def write(self, block: blocks.Block, name: str) -> str:
        """The block, ending with an empty line; empty where it shows nothing."""
        said = _WRITERS[block.kind](self, block, name)
        return f"{said}\n\n" if said else ""

    def line(self, texts: Texts) -> str:
        """A line, its Liquid left in."""
        return texts.of(self.voice).strip()

    def prose(self, texts: Texts) -> str:
        """Markdown without its signs."""
        tokens = Tokens()
        return tokens.back(markdown.plain(tokens.hide(texts.of(self.voice))))


def _heading(w: Writer, block: blocks.Heading, _name: str) -> str:
    return w.line(block.text)


def _text(w: Writer, block: blocks.Text, _name: str) -> str:
    return w.prose(block.text)


def _image(w: Writer, block: blocks.Image, _name: str) -> str:
    return f"{w.line(block.alt)}: {w.line(block.link)}" if block.link else f"[{w.line(block.alt)}]"


def _button(w: Writer, block: blocks.Button, _name: str) -> str:
    return f"{w.line(block.label)}: {w.line(block.link)}"


def _order(w: Writer, _block: blocks.Order, _name: str) -> str:
    goods, discount, shipping, total, tax = (
        f"{w.words[word]}: {put(f'order.{name}')}"
        for word, name in (
            *(("goods", "gross"), ("discount", "discount"), ("shipping", "shipping")),
            *(("total", "total"), ("tax", "tax")),
        )
    )
    before = when("order.discount", f"{goods}\n{discount.replace(': ', ': -')}\n")
    return (
        f"{_lines('order.lines')}{before}{when('order.shipping', shipping + NEW)}{total}{when('order.tax', NEW + tax)}"
    )


def _cart(w: Writer, _block: blocks.Cart, _name: str) -> str:
    return f"{_lines('cart.lines')}{w.words['value']}: {put('cart.value')}"


def _lines(name: str) -> str:
    return each("line", name, f"{put('line.quantity')} x {put('line.title')}: {put('line.total')}\n")


def _products(w: Writer, block: blocks.Products, name: str) -> str:
    said = f"{w.prose(block.text)}\n\n" if block.text else ""
    return said + each(
        "p", f"products.{name}", f"- {put('p.title')}{when('p.price', ', ' + put('p.price'))}: {put('p.url')}\n"
    )


def _coupon(w: Writer, block: blocks.Coupon, _name: str) -> str:
    said = f"{w.prose(block.text)}\n\n" if block.text else ""
    until = when("coupon.until", f"\n{w.words['until']} {put('coupon.until')}")
    return f"{said}{w.words['code']}: {put('coupon.code')}{until}"


def _document(w: Writer, block: blocks.Paper, _name: str) -> str:
    said = f"\n{w.prose(block.text)}" if block.text else ""
    return f"{w.line(block.title)}{said}\n{w.words['open']}: {w.line(block.link)}"


def _claim(w: Writer, block: blocks.Claim, _name: str) -> str:
    parts = [w.line(block.text)]
    parts += [w.line(block.proof)] if block.proof else []
    parts += [f"{w.words['proof']}: {w.line(block.link)}"] if block.link else []
    return "\n".join(parts)


def _survey(w: Writer, block: blocks.Survey, _name: str) -> str:
    link = w.line(block.link)
    answers = [f"{said_score(w.words, block.scale, n)}: {unescape(scored(link, n))}" for n in SCALES[block.scale]]
    ends = [w.words[f"{block.scale}_{end}"] for end in ("low", "high") if f"{block.scale}_{end}" in w.words]
    return "\n".join([w.line(block.question), *([", ".join(ends)] if ends else []), *answers])


def _posts(w: Writer, block: blocks.Posts, _name: str) -> str:
    said = [w.prose(block.text)] if block.text else []
    for post in block.items:
        credit = f" ({w.words['photo']}: {w.line(post.credit)})" if post.credit else ""
        said.append(f"{w.line(post.alt)}{credit}" + (f": {w.line(post.link)}" if post.link else ""))
    return "\n".join(said)


def _divider(_w: Writer, _block: blocks.Divider, _name: str) -> str:
    return "-" * 40


def _footer(w: Writer, _block: blocks.Footer, _name: str) -> str:
    links = "".join(when(name, f"{w.words[word]}: {put(name)}\n") for name, word in WAYS)
    why = when("reason", put("reason") + NEW) + when("links.unsubscribe", w.words["objection"] + NEW)
    return f"-- \n{why}\n{links}\n{put('shop.name')}{each('one', 'shop.imprint', NEW + put('one'))}"


_WRITERS: Mapping[str, Callable[[Writer, Any, str], str]] = {
    "heading": _heading,
    "text": _text,
    "image": _image,
    "button": _button,
    "order": _order,
    "cart": _cart,
    "products": _products,
    "coupon": _coupon,
    "document": _document,
    "claim": _claim,
    "survey": _survey,
    "posts": _posts,
    "divider": _divider,
    "footer": _footer,
}
