"""What providers say besides what django-anymail makes alike for all of them: for good or not, person or machine."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Event = Mapping[str, Any]


def permanent(provider: str, event: Event) -> bool:
    """Whether the provider itself says that a message came back for good."""
    look = _PERMANENT.get(provider)
    return bool(look and look(event))


def _inside(event: Event, *path: str) -> Any:
    found: Any = event
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _says(*path: str, words: tuple[str, ...]) -> Callable[[Event], bool]:
    """Whether what stands at a place is one of these words."""
    return lambda event: str(_inside(event, *path)).lower() in words


def _any(*looks: Callable[[Event], bool]) -> Callable[[Event], bool]:
    return lambda event: any(look(event) for look in looks)


_PERMANENT: Final[Mapping[str, Callable[[Event], bool]]] = {
    "amazon_ses": _says("bounce", "bounceType", words=("permanent",)),
    "brevo": _says("event", words=("hard_bounce", "invalid_email")),
    "mailersend": _says("type", words=("activity.hard_bounced",)),
    "mailgun": _any(
        _says("event-data", "severity", words=("permanent",)),
        _says("severity", words=("permanent",)),
        _says("event", words=("bounced",)),
    ),
    "mailjet": _says("hard_bounce", words=("true", "1")),
    "mailtrap": _says("event", words=("bounce",)),
    "mandrill": _says("event", words=("hard_bounce",)),
    "postmark": _says("Type", words=("hardbounce", "bademailaddress")),
    "resend": _any(
        _says("data", "bounce", "type", words=("permanent",)),
        lambda event: "hard bounce message" in str(_inside(event, "data", "bounce", "message")),
    ),
    "sendgrid": _says("type", words=("bounce",)),
    "sparkpost": _says("msys", "message_event", "bounce_class", words=("10", "30", "90")),
    "unisender_go": _any(
        _says("event_data", "status", words=("hard_bounced",)), _says("status", words=("hard_bounced",))
    ),
}

#: Where a provider says that it was a machine.
_MACHINE: Final[tuple[Callable[[Event], bool], ...]] = (
    _says("event", words=("proxy_open", "unique_proxy_open")),
    _says("sg_machine_open", words=("true", "1")),
    _says("client-info", "client-type", words=("robot", "bot")),
    _says("machine_open", words=("true",)),
    _says("msys", "track_event", "user_agent_parsed", "is_proxy", words=("true",)),
    _says("msys", "track_event", "user_agent_parsed", "is_prefetched", words=("true",)),
)
#: Programs that open and follow what is in mails before, or instead of, people.
_PROGRAMS: Final = re.compile(
    r"googleimageproxy|ggpht|yahoomailproxy|yahoo.?mail.?proxy|mimecast|barracuda|proofpoint|safelinks|"
    r"microsoft office existence|bingpreview|trendmicro|symantec|messagelabs|fireeye|ironport|cisco.?(?:talos|email)|"
    r"forcepoint|sophos|kaspersky|zscaler|avanan|cloudmark|mailscanner|spamassassin|vade ?secure|hornetsecurity|"
    r"urlscan|virustotal|\b(?:bot|crawler|spider|scanner|fetch|preview|monitor|validator|headless\w*)\b|[a-z]+bot\b|"
    r"python-requests|python-urllib|aiohttp|httpx|curl/|wget/|go-http-client|okhttp|java/|libwww|apache-httpclient|"
    r"node-fetch|axios|guzzle|phantomjs|slackbot|facebookexternalhit|skypeuripreview|whatsapp|telegrambot",
    re.IGNORECASE,
)
#: What Apple's Mail Privacy Protection says of itself, and nothing else says.
_BARE: Final = frozenset(("mozilla/5.0", "mozilla/4.0", ""))


def is_machine(event: Event) -> bool:
    """Whether the provider says that no person did it."""
    return any(look(event) for look in _MACHINE)


def is_program(user_agent: str) -> bool:
    """Whether a browser's name is that of a scanner, a proxy or a program, or no name at all."""
    return user_agent.strip().lower() in _BARE or bool(_PROGRAMS.search(user_agent))
