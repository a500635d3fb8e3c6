"""All the way: what was approved arrives as letters, by the real sender."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.campaigns.conftest import NOW
from stammkunde.server.accounts.models import User
from stammkunde.server.campaigns.actions import sending
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.campaigns.queries import results
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending.letters import Letters
from stammkunde.server.mail.sending.slices import send_due
from stammkunde.server.shop.models import Customer, Imprint

pytestmark = [pytest.mark.django_db(transaction=True)]

Newsletter = Callable[..., Campaign]


def send(now: datetime) -> None:
    """What a worker sends at a moment."""
    send_due(worker="one", clock=lambda: now, seconds=20.0, composing=Letters, beat=lambda _handed: None)


def test_three_get_it_clara_who_agreed_to_nothing_is_counted_and_going_on_sends_nothing_twice(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter, boss: User, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    Imprint.objects.create(name="Teehaus", address="Teeweg 1\n10115 Berlin", email="hallo@shop.example")
    Sender.objects.create(address="hallo@shop.example", name="Teehaus", connections=1)
    campaign = begin(newsletter(("all", {"de": "Erste Ernte"})))
    send(NOW)
    ends = dict(Send.objects.values_list("customer__name", "state"))
    assert ends == {"Anna": "sent", "Ben": "sent", "Clara": "suppressed", "Deniz": "sent"}
    assert results.reasons(campaign) == [("no_consent", 1)]
    letters = [each.read_bytes() for each in (tmp_path / "mail").glob("*.eml")]
    assert len(letters) == 3
    assert all(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in each for each in letters)
    assert sum(b"Subject: Erste Ernte" in each for each in letters) == 2
    sending.stop(campaign, now=NOW, by=boss)
    sending.resume(campaign, now=NOW + timedelta(hours=1), by=boss)
    send(NOW + timedelta(hours=1))
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 3
    assert sending.finish(Campaign.objects.get(), now=NOW + timedelta(hours=1))
