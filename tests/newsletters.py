"""Newsletters in every state, for tests that look at all of them."""

from datetime import datetime

from stammkunde.server.accounts.models import User
from stammkunde.server.campaigns.actions import approving, sending
from stammkunde.server.campaigns.actions.writing import Text, Wanted, make
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.mail.models import Template

DOCUMENT = {
    "key": "news",
    "name": {"en": "News", "de": "Neues"},
    "purpose": "newsletter",
    "subject": {"en": "The new harvest is here", "de": "Die neue Ernte ist da"},
    "blocks": [{"kind": "text", "text": {"en": "It is here.", "de": "Sie ist da."}}, {"kind": "footer"}],
}


def newsletters(now: datetime, by: User) -> dict[str, int]:
    """Their ids by state; nobody gets any of them. `mail` is the template they are made of."""
    mail = Template.objects.create(
        key="news", name="News", purpose="newsletter", draft=DOCUMENT, changed_at=now, created_at=now
    )
    made: dict[str, Campaign] = {
        name: make(Wanted(name=name), [Text(mail)], now=now, by=by)
        for name in ("draft", "approved", "scheduled", "stopped")
    }
    for name in ("approved", "scheduled", "stopped"):
        approving.approve(made[name], now=now, by=by)
    for name in ("scheduled", "stopped"):
        sending.schedule(made[name], now=now, by=by)
    sending.start(made["stopped"].pk, now=now)
    sending.stop(made["stopped"], now=now, by=by)
    return {name: each.pk for name, each in made.items()} | {"mail": mail.pk}
