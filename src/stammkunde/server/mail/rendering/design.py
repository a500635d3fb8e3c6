"""How mails look: colours that can be read in the light and in the dark, sizes, and the few styles they share."""

from dataclasses import dataclass

FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
MONO = "ui-monospace,Menlo,Consolas,monospace"
PAGE, SHEET, INK, QUIET, RULE = "#f3f4f6", "#ffffff", "#1f2328", "#57606a", "#d5d9de"
DARK_PAGE, DARK_SHEET, DARK_INK, DARK_QUIET, DARK_RULE = "#101214", "#1b1e22", "#e8eaed", "#a9b1ba", "#3a3f46"
WIDTH, SIDE = 600, 28
READABLE = 4.5  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Between 1 (the same) and 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str, least: float = READABLE) -> str:
    """The colour, darkened or lightened until text of it can be read on the ground."""
    towards = 0 if luminance(ground) > 0.5 else 255
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    for step in range(51):
        found = "#" + "".join(f"{round(each + (towards - each) * step / 50):02x}" for each in parts)
        if contrast(found, ground) >= least:
            return found
    return "#000000" if towards == 0 else "#ffffff"


@dataclass(frozen=True)
class Palette:
    """The colours that follow from the accent of a mail."""

    accent: str
    on_accent: str
    link: str
    dark_link: str

    @classmethod
    def of(cls, accent: str) -> "Palette":
        """What can be read with it."""
        best = max(("#ffffff", INK), key=lambda each: contrast(each, accent))
        return cls(accent, best, readable(accent, SHEET), readable(accent, DARK_SHEET, 6.5))


def style(palette: Palette) -> str:
    """The rules in the head: what lies inline cannot change with the light or the width."""
    inside = ",".join(f".sheet {tag}" for tag in ("td", "th", "div", "p", "h1", "h2", "li", "span"))
    return f"""
:root{{color-scheme:light dark;supported-color-schemes:light dark}}
a{{color:{palette.link}}}
a:focus-visible{{outline:3px solid {palette.link};outline-offset:2px}}
@media (min-width:600px){{.page{{padding:24px 0!important}}.sheet,.sheet>table{{border-radius:10px!important}}}}
@media (max-width:479px){{.sheet h1{{font-size:24px!important}}}}
@media (prefers-color-scheme:dark){{
body,.page{{background-color:{DARK_PAGE}!important}}
.sheet,.sheet>table{{background:{DARK_SHEET}!important;background-color:{DARK_SHEET}!important}}
{inside}{{color:{DARK_INK}!important}}
.sheet .quiet,.sheet .quiet *,.foot div,.foot p{{color:{DARK_QUIET}!important}}
.sheet a,.foot a,.foot span{{color:{palette.dark_link}!important}}
.sheet a.plain{{color:{DARK_INK}!important}}
.sheet .button a,.sheet .button td{{color:{palette.on_accent}!important}}
.sheet .line,.sheet .box,.sheet .rule p{{border-color:{DARK_RULE}!important}}
.sheet .box{{background-color:{DARK_PAGE}!important}}
}}"""
