"""What a person wrote, without what they quote; and whether all they wrote is to be left alone."""

import re

_QUOTES = re.compile(
    r"^\s*(?:>|-{2,} ?(?:original message|urspr(?:ü|ue)ngliche nachricht|forwarded|weitergeleitete)|_{10,}|"
    r"(?:on|am|le|el|il|op)\b.{6,200}(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef)\b.{0,120}:?\s*$|"
    r"(?:from|von|de|da): .{0,200}@|gesendet: |sent: |sent from my |von meinem .{0,40}gesendet|gesendet von |--\s*$)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:hallo|hi|hello|dear\b.*|guten tag|moin|servus|gr[uü](?:ß|ss) gott|sehr geehrte.*|liebe?s? .*|danke\w*|"
    r"thanks?\b.*|thank you|"
    r"vielen dank|mfg|lg|vg|gru(?:ß|ss)\w*|(?:mit )?(?:freundliche[nr]?|viele[n]?|liebe[n]?|"
    r"beste[n]?) gr[uü](?:ß|ss)en?|best|regards|"
    r"(?:kind|best) regards|cheers|bitte|please)$"
)
_NEWS = r"(?:(?:weitere[n]?|mehr) )?(?:werbung|werbemails?|mails?|e-?mails?|newsletter)"
_OFF = r"(?:abmelden|abbestellen|austragen|nehmen|streichen|entfernen|l[oö]schen|k[uü]ndigen)"
_LEAVE = re.compile(
    r"(?:bitte |please |kindly |stop ?[,!]? ?)*(?:unsubscribe(?: me)?|remove(?: me)?|take me off|opt[- ]?out|stop|"
    r"abmelden|abmeldung|abbestellen|austragen|austragung|l[oö]schen|k[uü]ndigen|widerspruch|"
    rf"keine {_NEWS}(?: mehr)?(?: an diese adresse)?|newsletter {_OFF}|"
    rf"ich (?:m[oö]chte|will|w[uü]nsche) (?:bitte )?keine {_NEWS}(?: mehr)?.{{0,40}}|"
    rf"(?:ich (?:m[oö]chte|will) )?(?:mich )?(?:vom|den|ihren|diesen) (?:newsletter|verteiler) {_OFF}|"
    rf"(?:mich )?aus (?:dem|ihrem) verteiler {_OFF}|ich widerspreche .{{0,30}}(?:werbung|werblich).{{0,40}}|"
    r"(?:melden|nehmen|tragen|streichen|entfernen) sie mich .{0,20}(?:newsletter|verteiler|liste).{0,10}|"
    r"no more (?:e-?mails?|mails?|newsletters?)|stop (?:sending|e-?mailing|mailing).{0,40}|"
    r"do not (?:e-?mail|mail|contact|write)(?: to)? me(?: again| any ?more)?|"
    r"(?:i )?(?:want|wish|would like) to (?:unsubscribe|be removed).{0,40})"
    r"(?: me)?(?: (?:bitte|please|from (?:this|your|the) (?:list|newsletter|mailing list)|newsletter|danke|thanks?|"
    r"sofort|now|immediately|den newsletter|vom newsletter|ihre[rn]? newsletter|me|mich))*"
)
_NO = re.compile(r"\b(?:nicht|not|never|don'?t|kein|where|wo|wie|how|why|warum|bestellung|order)\b.*[?]|\?")


def said(text: str) -> str:
    """What is new in a reply: the lines above what it quotes, without quoted ones."""
    kept: list[str] = []
    for line in text[:60_000].split("\n"):
        if _QUOTES.match(line) and not line.lstrip().startswith(">"):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def wants_out(text: str) -> bool:
    """Whether the whole of a reply is a wish to be left alone ("unsubscribe", "bitte abmelden"), not a question
    or a letter in which the word stands: those are for a person to read."""
    lines = [re.sub(r"[\s.!,;:*\"'-]+", " ", line.lower()).strip() for line in text.split("\n")]
    left = " ".join(line for line in lines if line and not _GREETING.match(line))
    return bool(left) and len(left) <= 140 and not _NO.search(text.lower()) and bool(_LEAVE.fullmatch(left))
