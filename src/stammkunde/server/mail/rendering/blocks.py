"""The blocks of a mail, one class for each kind. What a field may hold is said beside it and read by `documents`."""

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar

from stammkunde.server.mail.rendering.voices import Texts

#: What may have to be there for a block to be shown.
WHENS = ("order", "cart", "products", "coupon", "first_order", "repeat_order")
PICKS = ("again", "related", "popular", "cart", "viewed")
SCALES = ("nps", "stars", "csat")

Held = Mapping[str, Any]
NOTHING = Texts()

#: How a field is read: a line, Markdown, an address, that of a picture, yes or no. Optional ones may be missing.
LINE: Held = {"reads": "line", "optional": False}
PROSE: Held = {"reads": "prose", "optional": False}
LINK: Held = {"reads": "link", "optional": False}
IMAGE: Held = {"reads": "image", "optional": False}
SLUG: Held = {"reads": "slug", "optional": False}
FLAG: Held = {"reads": "flag", "optional": True}
LINE_OR_NOT, PROSE_OR_NOT, LINK_OR_NOT = ({**each, "optional": True} for each in (LINE, PROSE, LINK))


def one_of(options: Sequence[str]) -> Held:
    """A word out of these."""
    return {"reads": "choice", "optional": False, "options": options}


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a mail. With a `purpose` it needs a basis of its own; `when` says what must be there to show it."""

    kind: ClassVar[str] = ""
    purpose: str = ""
    when: str = ""

    @classmethod
    def held(cls) -> Mapping[str, Field[Any]]:
        """The fields of this kind alone."""
        return {each.name: each for each in fields(cls) if "reads" in each.metadata}


@dataclass(frozen=True, kw_only=True)
class Heading(Block):
    """A line above others: the first is the mail's title."""

    kind = "heading"
    text: Texts = field(default=NOTHING, metadata=LINE)


@dataclass(frozen=True, kw_only=True)
class Text(Block):
    """Paragraphs in Markdown."""

    kind = "text"
    text: Texts = field(default=NOTHING, metadata=PROSE)


@dataclass(frozen=True, kw_only=True)
class Image(Block):
    """A picture. `alt` says what is on it to those who do not see it."""

    kind = "image"
    src: Texts = field(default=NOTHING, metadata=IMAGE)
    alt: Texts = field(default=NOTHING, metadata=LINE)
    link: Texts = field(default=NOTHING, metadata=LINK_OR_NOT)


@dataclass(frozen=True, kw_only=True)
class Button(Block):
    """The one thing the mail asks for."""

    kind = "button"
    label: Texts = field(default=NOTHING, metadata=LINE)
    link: Texts = field(default=NOTHING, metadata=LINK)


@dataclass(frozen=True, kw_only=True)
class Order(Block):
    """The order's lines and sums."""

    kind = "order"


@dataclass(frozen=True, kw_only=True)
class Cart(Block):
    """The cart's lines and value."""

    kind = "cart"


@dataclass(frozen=True, kw_only=True)
class Products(Block):
    """Articles picked for the customer: to buy again, that go with what they have, that many buy, of their cart, or
    looked at lately."""

    kind = "products"
    pick: str = field(default="", metadata=one_of(PICKS))
    most: int = field(default=4, metadata={"reads": "number", "optional": True, "low": 1, "high": 12})
    text: Texts = field(default=NOTHING, metadata=PROSE_OR_NOT)


@dataclass(frozen=True, kw_only=True)
class Coupon(Block):
    """A code of the customer's own, out of a pool."""

    kind = "coupon"
    pool: str = field(default="", metadata=SLUG)
    text: Texts = field(default=NOTHING, metadata=PROSE_OR_NOT)


@dataclass(frozen=True, kw_only=True)
class Paper(Block):
    """A PDF, a video or an article, at the shop. With `fill` the link may be missing until the mail is published."""

    kind = "document"
    title: Texts = field(default=NOTHING, metadata=LINE)
    text: Texts = field(default=NOTHING, metadata=PROSE_OR_NOT)
    link: Texts = field(default=NOTHING, metadata=LINK)
    fill: bool = field(default=False, metadata=FLAG)


@dataclass(frozen=True, kw_only=True)
class Claim(Block):
    """What the shop says of itself, and what proves it."""

    kind = "claim"
    text: Texts = field(default=NOTHING, metadata=LINE)
    proof: Texts = field(default=NOTHING, metadata=LINE_OR_NOT)
    link: Texts = field(default=NOTHING, metadata=LINK_OR_NOT)


@dataclass(frozen=True, kw_only=True)
class Survey(Block):
    """A question whose answers are links. With `fill` the link may be missing until the mail is published."""

    kind = "survey"
    question: Texts = field(default=NOTHING, metadata=LINE)
    scale: str = field(default="", metadata=one_of(SCALES))
    link: Texts = field(default=NOTHING, metadata=LINK)
    fill: bool = field(default=False, metadata=FLAG)


@dataclass(frozen=True, kw_only=True)
class Post:
    """A picture a customer has shown, with the leave to use it."""

    src: Texts = field(default=NOTHING, metadata=IMAGE)
    alt: Texts = field(default=NOTHING, metadata=LINE)
    link: Texts = field(default=NOTHING, metadata=LINK_OR_NOT)
    credit: Texts = field(default=NOTHING, metadata=LINE_OR_NOT)


@dataclass(frozen=True, kw_only=True)
class Posts(Block):
    """Pictures of customers."""

    kind = "posts"
    items: tuple[Post, ...] = field(default=(), metadata={"reads": "items", "optional": False, "of": Post, "most": 12})
    text: Texts = field(default=NOTHING, metadata=PROSE_OR_NOT)


@dataclass(frozen=True, kw_only=True)
class Divider(Block):
    """A line between parts."""

    kind = "divider"


@dataclass(frozen=True, kw_only=True)
class Footer(Block):
    """Who writes, why, and the way out: always there, always last."""

    kind = "footer"


KINDS: Mapping[str, type[Block]] = {
    each.kind: each
    for each in (
        *(Heading, Text, Image, Button, Order, Cart, Products, Coupon, Paper, Claim, Survey, Posts, Divider, Footer),
    )
}
