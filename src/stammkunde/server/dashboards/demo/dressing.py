"""What a shop states before it writes to anybody: who it is, from where it writes, and the words people agree to."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from stammkunde.server.consent.actions import ruling
from stammkunde.server.consent.bases import Topic
from stammkunde.server.mail.actions import settings as sending
from stammkunde.server.shop.actions.stating_imprint import state_imprint

SHOP = "https://example.com"
ADDRESS = "shop@example.com"


def dress(*, now: datetime) -> None:
    """An imprint that says what this is, letters that are kept as files, a wording for each thing that is asked, and a
    checkout that has told of the right to object for two years."""
    name = _("Online Retail (demo)")
    said = {
        "name": name,
        "address": _("A shop that does not exist\n1 Example Street\nLondon"),
        "legal": _("This is the demo of Stammkunde. No mail of it leaves the house."),
        "email": ADDRESS,
        "url": SHOP,
        "privacy_url": f"{SHOP}/privacy",
        "country": "GB",
    }
    state_imprint(said, now=now, by=None)
    values = {"name": name, "address": ADDRESS, "transport": "captured", "connections": 1}
    sending.save(values=values, options={}, given={}, now=now, by=None)
    language = settings.LANGUAGE_CODE
    for topic, text in _words().items():
        ruling.word(topic, language, text, now=now, by=None)
    notice = ruling.word(Topic.ALL, language, _told(), now=now, by=None)
    since = now - timedelta(days=730)
    ruling.state_notice(since=since, wording=notice, page=f"{SHOP}/checkout", now=now, by=None)


def _words() -> dict[Topic, str]:
    return {
        Topic.MARKETING: _("Yes, write to me with news and offers. I can take this back at any time, in every mail."),
        Topic.BEHAVIOUR: _("Yes, remind me of what I left in my cart. I can take this back at any time."),
        Topic.SURVEYS: _("Yes, ask me now and then whether I am content. I can take this back at any time."),
    }


def _told() -> str:
    return _(
        "We use your address to write to you of goods like those you bought. You can object at any time, at no other "
        "cost than that of your connection."
    )
