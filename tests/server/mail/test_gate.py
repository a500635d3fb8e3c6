"""The gate before mail to many: opened by a check that finds nothing bad, shut by one that does."""

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import pytest
from dns.resolver import Resolver

from server.mail.zones import BACK, OFFICE, TEA, Zones
from stammkunde.server.accounts.models import Entry
from stammkunde.server.mail.actions.gating import gate, note_trial, way
from stammkunde.server.mail.deliverability.names import Live, SilentError
from stammkunde.server.mail.models import Checkup, Sender
from stammkunde.server.shop.models import Imprint

GOOD = (TEA, OFFICE, BACK)
HOUR = timedelta(hours=1)


@pytest.fixture
def tea(db: None, settings: Any, now: datetime) -> Sender:
    """A shop that is set up well, and has tried it."""
    del db
    settings.PUBLIC_URL = "https://stamm.tea.example"
    Imprint.objects.create(name="Tea", address="Kai 1\n20457 Hamburg", email="tee@tea.example")
    sender = Sender.objects.create(
        address="tee@tea.example", return_address="bounce@tea.example", transport="smtp",
        options={"host": "mail.tea.example", "dkim_selector": "2026"},
    )  # fmt: skip
    note_trial(sender, "olga@tea.example", "250 OK", now=now, by=None)
    return sender


def open_since() -> datetime | None:
    return Sender.objects.get().bulk_ready_at


def test_a_shop_that_is_set_up_well_may_write_to_many(tea: Sender, now: datetime) -> None:
    assert gate(Zones(*GOOD), now=now, by=None).passed
    assert open_since() == now
    assert Entry.objects.get(verb="checked").change == {"passed": True, "bad": 0}


def test_a_record_that_went_missing_shuts_the_gate_again(tea: Sender, now: datetime) -> None:
    gate(Zones(*GOOD), now=now, by=None)
    assert not gate(Zones(TEA.replace("_dmarc", "dmarc"), OFFICE, BACK), now=now + HOUR, by=None).passed
    assert open_since() is None
    assert [each.passed for each in Checkup.objects.order_by("pk")] == [True, False]


def test_a_name_system_that_is_silent_neither_opens_nor_shuts(tea: Sender, now: datetime) -> None:
    silent = Zones(*GOOD, silent=("_dmarc.tea.example",))
    gate(silent, now=now, by=None)
    assert open_since() is None
    gate(Zones(*GOOD), now=now, by=None)
    gate(silent, now=now + HOUR, by=None)
    assert open_since() == now + HOUR


@pytest.mark.parametrize("change", [{"transport": "brevo"}, {"address": "i@tea.example"}, {"options": {"host": "b"}}])
def test_what_was_changed_has_to_be_tried_anew(change: dict[str, Any], tea: Sender, now: datetime) -> None:
    before = way(tea)
    for name, value in change.items():
        setattr(tea, name, value)
    tea.save()
    assert way(tea) != before
    assert "untried" in {each["code"] for each in gate(Zones(*GOOD), now=now, by=None).findings}


def test_where_returns_and_keys_are_looked_for_is_not_part_of_the_way_out(tea: Sender) -> None:
    before = way(tea)
    tea.options = {**tea.options, "dkim_selector": "2027", "imap": {"host": "mail.tea.example"}, "outgoing": "8.8.8.8"}
    assert way(tea) == before


@pytest.mark.django_db
def test_without_any_settings_the_gate_stays_shut(now: datetime) -> None:
    assert not gate(Zones(), now=now, by=None).passed
    assert not Sender.objects.exists()


def test_old_checks_are_forgotten(tea: Sender, now: datetime) -> None:
    for hour in range(103):
        Checkup.objects.create(at=now + hour * HOUR, passed=True)
    gate(Zones(*GOOD), now=now, by=None)
    assert Checkup.objects.count() == 100


@pytest.fixture
def server() -> Iterator[Resolver]:
    """A real name server on this machine, which speaks of the tea shop; of "fails.example" it says that it failed."""
    zones, line = Zones(*GOOD), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    line.settimeout(0.05)
    stop = threading.Event()

    def answer() -> None:
        while not stop.is_set():
            try:
                raw, where = line.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(raw)
            reply, asked = dns.message.make_response(query), query.question[0]
            reply.flags |= dns.flags.RA
            name = str(asked.name).rstrip(".")
            if name == "fails.example":
                reply.set_rcode(dns.rcode.SERVFAIL)
            else:
                home = next((zone for zone in zones.zones if asked.name.is_subdomain(zone.origin)), None)
                found = home.get_rrset(asked.name, asked.rdtype) if home else None
                reply.answer = [found] if found else []
                known = home is not None and home.get_node(asked.name) is not None
                reply.set_rcode(dns.rcode.NOERROR if known else dns.rcode.NXDOMAIN)
            line.sendto(reply.to_wire(), where)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], line.getsockname()[1]
    yield resolver
    stop.set()
    thread.join()
    line.close()


def test_a_real_name_server_is_asked_and_opens_the_gate(tea: Sender, server: Resolver, now: datetime) -> None:
    assert gate(Live(server), now=now, by=None).passed


def test_what_is_not_there_is_nothing_and_a_failure_is_not_nothing(server: Resolver) -> None:
    live = Live(server)
    assert live.txt("nobody.tea.example") == live.txt("mail.tea.example") == live.txt("a..b") == []
    assert live.addresses("mail.tea.example") == ["93.184.216.7"]
    assert live.mx("tea.example") == [(10, "mail.tea.example")]
    assert live.back("93.184.216.7") == ["mail.tea.example"]
    with pytest.raises(SilentError):
        live.txt("fails.example")
    live.ends = 0.0
    with pytest.raises(SilentError):
        live.txt("tea.example")
