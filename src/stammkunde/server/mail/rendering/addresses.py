"""Where links of a mail may lead: to the web over https, to a mail address or telephone, and where they say."""

import re
import unicodedata
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from stammkunde.server.mail.rendering.liquid import TAG
from stammkunde.server.mail.rendering.samples import ADDRESSES

LONGEST = 1_000
VARIABLE = re.compile(r"\{\{-?\s*([a-z_]+\.[a-z_]+)\s*-?\}\}")
MAIL = re.compile(r"mailto:[\w.+-]+@[\w-]+(\.[\w-]+)+(\?(subject|body)=[^\s&]*)?", re.ASCII)
PHONE = re.compile(r"tel:\+?[\d-]{3,20}", re.ASCII)
#: A host named in a text: with its scheme, with www, or ending in what people know as an end of one.
NAMED = re.compile(
    r"(?:https?://|\bwww\.)((?:[\w-]+\.)+[\w-]{2,})"
    r"|\b((?:[\w-]+\.)+(?:com|net|org|info|biz|io|co|shop|store|app|eu|de|at|ch|li|lu|fr|it|es|nl|be|pl|uk|us|ru|cn))\b",
    re.IGNORECASE,
)
#: Letters that pass for Latin ones. A name of these alone is a lie (Unicode TR 39, whole-script confusables).
LOOKALIKES = frozenset("аеорсхуіјѕһԁԛԝӏкмтнвԍпгѵοαενικυρτχω")


def judge(url: str, *, text: str = "") -> str:
    """What is wrong with a link's address, given what its text says; empty where nothing is."""
    url = url.strip()
    if len(url) > LONGEST:
        return _("The address is too long.")
    variable = VARIABLE.fullmatch(url)
    if variable:
        known = variable.group(1) in ADDRESSES
        return "" if known else _("%(name)s holds no address of the web.") % {"name": variable.group(1)}
    if MAIL.fullmatch(url) or PHONE.fullmatch(url):
        return ""
    return _web(url) or _says_another(url, text)


def _web(url: str) -> str:
    bare = TAG.sub("x", url)
    if any(sign.isspace() or sign in '\\<>"`' or unicodedata.category(sign) in ("Cc", "Cf") for sign in bare):
        return _("There is a character in the address that does not belong there.")
    try:
        parts = urlsplit(bare)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _("This is no address.")
    if parts.scheme != "https":
        return _("Links lead to https:// addresses, mailto: or tel:, or are a variable that holds an address.")
    if not host or "@" in parts.netloc or (port is not None and port != 443):
        return _("The address names no host, or a name before it, or a port: write https:// and the host alone.")
    if TAG.search(url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]):
        return _("A variable may stand behind the host, not in it: else whoever fills it in says where the link leads.")
    return _host(host)


def _host(host: str) -> str:
    labels = [_shown(label) for label in host.split(".")]
    if len(labels) < 2 or not all(labels):
        return _("The address names no host.")
    if any(_deceives(label) for label in labels):
        return _("The host %(host)s looks like another one: its letters come from different alphabets.") % {
            "host": host
        }
    return ""


def _shown(label: str) -> str:
    """A label as browsers may show it: punycode read; empty where that is none."""
    try:
        return label.encode().decode("idna") if label.startswith("xn--") else label.lower()
    except UnicodeError:
        return ""


def _deceives(label: str) -> bool:
    scripts = {unicodedata.name(sign, "?").split()[0] for sign in label if sign.isalpha()}
    mixed = len(scripts) > 1 and not scripts <= {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "LATIN"}
    letters = {sign for sign in label if sign.isalpha()}
    return mixed or (bool(letters) and letters <= LOOKALIKES)


def _says_another(url: str, text: str) -> str:
    host = (urlsplit(TAG.sub("x", url)).hostname or "").removeprefix("www.")
    for found in NAMED.finditer(TAG.sub(" ", text)):
        named = (found.group(1) or found.group(2)).lower().removeprefix("www.")
        if host != named and not host.endswith(f".{named}"):
            told = {"named": named, "host": host}
            return _("The text of the link says %(named)s, but it leads to %(host)s.") % told
    return ""
