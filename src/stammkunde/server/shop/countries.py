"""Countries as people write them, as ISO 3166 codes."""

from functools import cache

_ALSO = {"eire": "IE", "usa": "US", "uk": "GB", "england": "GB", "brd": "DE", "holland": "NL", "rsa": "ZA"}


@cache
def code(name: str) -> str:
    """The code of a country named in English or German, or by its code; empty where there is none of that name."""
    from babel import Locale  # half a second that web processes need not wait for

    found: dict[str, str] = {}
    for language in ("en", "de"):
        found |= {text.casefold(): key for key, text in Locale(language).territories.items() if len(key) == 2}
    said = name.strip()
    if len(said) == 2 and said.upper() in found.values():
        return said.upper()
    return str(_ALSO.get(said.casefold()) or found.get(said.casefold(), ""))
