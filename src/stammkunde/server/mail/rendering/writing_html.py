"""Blocks as MJML, one function for each kind.

MJML sees the layout alone: every text, and every piece of HTML of ours, is a word to it (`liquid.Tokens`), so that
nothing a shop writes can be taken for a tag.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from stammkunde.server.mail.rendering import blocks, markdown
from stammkunde.server.mail.rendering.design import FONT, INK, MONO, PAGE, QUIET, RULE, SHEET, SIDE, Palette
from stammkunde.server.mail.rendering.liquid import Tokens, each, put, when
from stammkunde.server.mail.rendering.voices import Texts
from stammkunde.server.mail.rendering.wording import WORDS

PARAGRAPH = "margin:0 0 14px"
ALONE = re.compile(r"<p>((?:LqT\d+TqL\s*)+)</p>")
#: The ways out and on, by what holds the address and what it is called.
WAYS = (
    ("links.unsubscribe", "leave"),
    ("links.preferences", "choose"),
    ("links.view", "view"),
    ("shop.privacy_url", "privacy"),
)
SCALES = {"nps": range(11), "stars": range(1, 6), "csat": range(1, 6)}
PICTURE = "display:block;width:100%;max-width:258px;height:auto;border:0;border-radius:6px"
HALF = "display:inline-block;width:50%;max-width:286px;vertical-align:top;text-align:left"


class Writer:
    """Writes blocks in one voice."""

    def __init__(self, voice: str, palette: Palette) -> None:
        self.voice, self.palette, self.words = voice, palette, WORDS[voice]
        self.tokens, self.titled = Tokens(), False

    def write(self, block: blocks.Block, name: str) -> str:
        """The block as rows of MJML."""
        return _WRITERS[block.kind](self, block, name)

    def keep(self, html: str) -> str:
        """A word that stands for HTML."""
        return self.tokens.put(self.tokens.back(html))

    def line(self, texts: Texts) -> str:
        """A line of text as HTML, its tags as words."""
        return escape(self.tokens.hide(texts.of(self.voice).strip()))

    def link(self, texts: Texts) -> str:
        """An address, for an attribute."""
        return self.line(texts)

    def prose(self, texts: Texts) -> str:
        """Markdown as HTML with its styles."""
        made = ALONE.sub(self._bare, markdown.html(self.tokens.hide(texts.of(self.voice))))
        made = made.replace("<p>", f'<p style="{PARAGRAPH}">').replace("<a ", f'<a style="color:{self.palette.link}" ')
        made = made.replace("<li>", '<li style="margin:0 0 6px">')
        return made.replace("<ul>", '<ul style="margin:0 0 14px;padding-left:22px">')

    def _bare(self, found: "re.Match[str]") -> str:
        """Tags that stand in a paragraph of their own stand without it, so that none is left empty."""
        tags = self.tokens.back(found.group(1))
        return found.group() if "{{" in tags else found.group(1)

    def text(self, html: str, *, padding: str = f"6px {SIDE}px") -> str:
        """A row that holds HTML."""
        return f'<mj-text padding="{padding}">{self.keep(html)}</mj-text>'


def _heading(w: Writer, block: blocks.Heading, _name: str) -> str:
    tag, size = ("h2", 20) if w.titled else ("h1", 27)
    w.titled = True
    look = f"margin:0;font-size:{size}px;line-height:1.25;font-weight:700;color:{INK}"
    return w.text(f'<{tag} style="{look}">{w.line(block.text)}</{tag}>', padding=f"18px {SIDE}px 8px")


def _text(w: Writer, block: blocks.Text, _name: str) -> str:
    return w.text(w.prose(block.text))


def _image(w: Writer, block: blocks.Image, _name: str) -> str:
    picture = (
        f'<img src="{w.link(block.src)}" alt="{w.line(block.alt)}" width="600" '
        'style="display:block;width:100%;max-width:600px;height:auto;border:0">'
    )
    html = f'<a href="{w.link(block.link)}">{picture}</a>' if block.link else picture
    return w.text(html, padding="8px 0")


def _button(w: Writer, block: blocks.Button, _name: str) -> str:
    look = f'background-color="{w.palette.accent}" color="{w.palette.on_accent}" border-radius="6px"'
    size = f'font-size="16px" font-weight="600" inner-padding="14px 26px" padding="10px {SIDE}px 16px" align="left"'
    href, label = w.keep(w.link(block.link)), w.keep(w.line(block.label))
    return f'<mj-button css-class="button" href="{href}" {look} {size}>{label}</mj-button>'


def _order(w: Writer, _block: blocks.Order, _name: str) -> str:
    sums = [
        _row(w, "goods", "order.gross", given="order.discount"),
        _row(w, "discount", "order.discount", given="order.discount", sign="−"),
        _row(w, "shipping", "order.shipping", given="order.shipping"),
        _row(w, "total", "order.total", strong=True),
        _row(w, "tax", "order.tax", given="order.tax", quiet=True),
    ]
    return w.text(_table(w, "order.lines", "".join(sums)), padding=f"8px {SIDE}px 16px")


def _cart(w: Writer, _block: blocks.Cart, _name: str) -> str:
    return w.text(_table(w, "cart.lines", _row(w, "value", "cart.value", strong=True)), padding=f"8px {SIDE}px 16px")


def _table(w: Writer, lines: str, sums: str) -> str:
    """Articles with what they cost: a table for what is one, with its heads."""
    rule = f"border-bottom:1px solid {RULE}"
    head = f"padding:0 0 8px;{rule};font-size:14px;font-weight:400;color:{QUIET}"
    heads = (
        f'<th scope="col" align="left" class="line quiet" style="{head};text-align:left">{w.words["article"]}</th>'
        f'<th scope="col" align="right" class="line quiet" style="{head};text-align:right">{w.words["amount"]}</th>'
    )
    whole = 'width="100%" cellpadding="0" cellspacing="0" style="width:100%;border-collapse:collapse"'
    rows = each("line", lines, _article(f"padding:10px 0;{rule};font-size:16px;line-height:1.4;color:{INK}"))
    return f"<table {whole}><thead><tr>{heads}</tr></thead><tbody>{rows}{sums}</tbody></table>"


def _article(cell: str) -> str:
    side = "float:left;margin:0 12px 0 0;width:56px;height:56px;border-radius:4px"
    picture = f'<img src="{put("line.image")}" alt="" width="56" height="56" style="{side}">'
    pieces = (
        f'<span class="quiet" style="font-size:14px;color:{QUIET}">{put("line.quantity")} × {put("line.price")}</span>'
    )
    right = f"{cell};white-space:nowrap;padding-left:16px;text-align:right;vertical-align:top"
    return (
        f'<tr><td class="line" style="{cell}">{when("line.image", picture)}{put("line.title")}<br>{pieces}</td>'
        f'<td class="line" align="right" style="{right}">{put("line.total")}</td></tr>'
    )


def _row(
    w: Writer, word: str, value: str, *, given: str = "", sign: str = "", strong: bool = False, quiet: bool = False
) -> str:
    weight, size = ("700" if strong else "400"), ("14px" if quiet else "16px")
    look = f"padding:8px 0 0;font-size:{size};font-weight:{weight};color:{QUIET if quiet else INK}"
    css = ' class="quiet"' if quiet else ""
    row = (
        f'<tr><th scope="row" align="left"{css} style="{look};text-align:left">{w.words[word]}</th>'
        f'<td align="right"{css} style="{look};text-align:right;white-space:nowrap">{sign}{put(value)}</td></tr>'
    )
    return when(given, row) if given else row


def _products(w: Writer, block: blocks.Products, name: str) -> str:
    said = w.text(w.prose(block.text)) if block.text else ""
    begins, ends = "<!--[if mso]>", "<![endif]-->"  # a table around the cells, for Outlook alone
    cell = f"{begins}<td width=\"286\" valign=\"top\">{ends}{_card()}{begins}</td>{{% cycle '', '</tr><tr>' %}}{ends}"
    table = f'{begins}<table role="presentation" cellpadding="0" cellspacing="0"><tr>{ends}'
    grid = f"{table}{each('p', f'products.{name}', cell)}{begins}</tr></table>{ends}"
    return said + w.text(f'<div style="font-size:0">{grid}</div>', padding=f"6px {SIDE - 14}px")


def _card() -> str:
    link = f"color:{INK};text-decoration:none;font-weight:600;font-size:16px;line-height:1.35"
    picture = f'<img src="{put("p.image")}" alt="" width="258" style="{PICTURE};margin:0 0 8px">'
    shown = f'<a class="plain" href="{put("p.url")}" style="{link}">{when("p.image", picture)}{put("p.title")}</a>'
    price = f'<div style="padding:4px 0 0;font-size:16px;line-height:1.4;color:{INK}">{put("p.price")}</div>'
    return f'<div style="{HALF}"><div style="padding:6px 14px 18px">{shown}{when("p.price", price)}</div></div>'


def _coupon(w: Writer, block: blocks.Coupon, _name: str) -> str:
    said = w.text(w.prose(block.text)) if block.text else ""
    code = f"font-family:{MONO};font-size:26px;line-height:1.3;font-weight:700;letter-spacing:2px;color:{INK}"
    quiet = f'class="quiet" style="font-size:14px;line-height:1.5;color:{QUIET}"'
    until = f"<div {quiet}>{w.words['until']} {put('coupon.until')}</div>"
    look = f"border:2px dashed {RULE};border-radius:8px;padding:16px;text-align:center;background-color:#f8f9fb"
    told = f'<div {quiet}>{w.words["code"]}</div><div style="{code}">{put("coupon.code")}</div>'
    box = f'<div class="box" style="{look}">{told}{when("coupon.until", until)}</div>'
    return said + w.text(box, padding=f"8px {SIDE}px 20px")


def _document(w: Writer, block: blocks.Paper, _name: str) -> str:
    said = w.prose(block.text) if block.text else ""
    title = f'<h2 style="margin:0 0 6px;font-size:18px;line-height:1.3;color:{INK}">{w.line(block.title)}</h2>'
    label = f"{w.words['open']}: {w.line(block.title)}"
    link = f'<a href="{w.link(block.link)}" style="color:{w.palette.link};font-weight:600">{label}</a>'
    box = f'<div class="box" style="border:1px solid {RULE};border-radius:8px;padding:16px">{title}{said}{link}</div>'
    w.titled = True
    return w.text(box, padding=f"8px {SIDE}px 12px")


def _claim(w: Writer, block: blocks.Claim, _name: str) -> str:
    html = f'<p style="margin:0;font-weight:700">{w.line(block.text)}</p>'
    if block.proof:
        html += f'<p class="quiet" style="margin:2px 0 0;font-size:15px;color:{QUIET}">{w.line(block.proof)}</p>'
    if block.link:
        look = f"color:{w.palette.link};font-size:15px"
        html += f'<p style="margin:2px 0 0"><a href="{w.link(block.link)}" style="{look}">{w.words["proof"]}</a></p>'
    return w.text(f'<div style="border-left:4px solid {w.palette.accent};padding:2px 0 2px 14px">{html}</div>',
                  padding=f"10px {SIDE}px")  # fmt: skip


def _survey(w: Writer, block: blocks.Survey, _name: str) -> str:
    answers = "".join(_answer(w, block, score) for score in SCALES[block.scale])
    question = f'<p style="margin:0 0 10px;font-weight:600">{w.line(block.question)}</p>'
    low, high = (w.words.get(f"{block.scale}_{end}", "") for end in ("low", "high"))
    ends = f'<p class="quiet" style="margin:2px 0 0;font-size:14px;color:{QUIET}">{low} · {high}</p>' if low else ""
    return w.text(f'{question}<div style="font-size:0">{answers}</div>{ends}', padding=f"10px {SIDE}px 16px")


def _answer(w: Writer, block: blocks.Survey, score: int) -> str:
    shown = "★" * score if block.scale == "stars" else str(score)
    look = (
        f"display:inline-block;min-width:22px;margin:0 6px 8px 0;padding:9px;border:1px solid {RULE};border-radius:6px;"
        f"text-align:center;text-decoration:none;font-size:16px;line-height:22px;color:{w.palette.link}"
    )
    label = said_score(w.words, block.scale, score)
    return f'<a class="line" href="{scored(w.link(block.link), score)}" aria-label="{label}" style="{look}">{shown}</a>'


def scored(link: str, score: int) -> str:
    """The address an answer leads to."""
    return f"{link}{'&amp;' if '?' in link else '?'}score={score}"


def said_score(words: Mapping[str, str], scale: str, score: int) -> str:
    """An answer in words, such as "7 of 10"."""
    if scale == "stars":
        return words["one_star"] if score == 1 else words["stars"].format(n=score)
    return words["of"].format(n=score, all=SCALES[scale][-1])


def _posts(w: Writer, block: blocks.Posts, _name: str) -> str:
    said = w.text(w.prose(block.text)) if block.text else ""
    cells = "".join(_post(w, each) for each in block.items)
    return said + w.text(f'<div style="font-size:0">{cells}</div>', padding=f"6px {SIDE - 14}px")


def _post(w: Writer, post: blocks.Post) -> str:
    picture = f'<img src="{w.link(post.src)}" alt="{w.line(post.alt)}" width="258" style="{PICTURE}">'
    shown = f'<a href="{w.link(post.link)}">{picture}</a>' if post.link else picture
    look = f"padding:4px 0 0;font-size:14px;line-height:1.4;color:{QUIET}"
    credit = f'<div class="quiet" style="{look}">{w.words["photo"]}: {w.line(post.credit)}</div>' if post.credit else ""
    return f'<div style="{HALF}"><div style="padding:6px 14px 12px">{shown}{credit}</div></div>'


def _divider(_w: Writer, _block: blocks.Divider, _name: str) -> str:
    return f'<mj-divider border-width="1px" border-color="{RULE}" padding="14px {SIDE}px" css-class="rule" />'


def _footer(w: Writer, _block: blocks.Footer, _name: str) -> str:
    look = f'style="color:{QUIET};text-decoration:underline;display:inline-block;padding:4px 14px 4px 0"'
    links = "".join(when(name, f'<a href="{put(name)}" {look}>{w.words[word]}</a> ') for name, word in WAYS)
    part = '<p style="margin:0 0 10px">'
    html = (
        when("reason", f"{part}{put('reason')}</p>")
        + when("links.unsubscribe", f"{part}{w.words['objection']}</p>")
        + f"{part}{links}</p>{part}<strong>{put('shop.name')}</strong>"
        + each("one", "shop.imprint", f"<br>{put('one')}")
        + "</p>"
    )
    look = f'padding="18px {SIDE}px 28px" font-size="14px" line-height="1.5" color="{QUIET}"'
    return f'<mj-section css-class="foot"><mj-column><mj-text {look}>{w.keep(html)}</mj-text></mj-column></mj-section>'


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


def page(writer: Writer, parts: str, foot: str, *, title: str, preheader: str, language: str, style: str) -> str:
    """The mail as MJML: its parts on a sheet, the footer below."""
    shown = "&#8199;&#847;" * 40  # keeps the text that follows out of the preview of the inbox
    preview = f"<mj-preview>{writer.keep(preheader + shown)}</mj-preview>" if preheader else ""
    brand = f'<a class="plain" href="{put("shop.url")}" style="color:{INK};text-decoration:none">{put("shop.name")}</a>'
    top = writer.text(f'<div style="font-size:16px;font-weight:700;color:{INK}">{brand}</div>',
                      padding=f"20px {SIDE}px 6px")  # fmt: skip
    sheet = f'<mj-section css-class="sheet" background-color="{SHEET}"><mj-column>{top}{parts}</mj-column></mj-section>'
    return (
        f'<mjml lang="{language}" dir="ltr"><mj-head><mj-title>{writer.keep(title)}</mj-title>{preview}'
        f'<mj-attributes><mj-all font-family="{FONT}" /><mj-section padding="0" />'
        f'<mj-text font-size="16px" line-height="1.55" color="{INK}" /></mj-attributes>'
        '<mj-raw><meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"</mj-raw><mj-style>{writer.keep(style)}</mj-style></mj-head>"
        f'<mj-body width="600px" background-color="{PAGE}" css-class="page">'
        f"{sheet}{foot}</mj-body></mjml>"
    )
