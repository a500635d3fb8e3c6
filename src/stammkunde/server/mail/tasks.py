"""What the room does by itself; sending has a module of its own."""

from datetime import timedelta

from stammkunde.server.lib.work import Running, task
from stammkunde.server.mail import sending_tasks  # noqa: F401  registers its tasks when it is imported
from stammkunde.server.mail.actions.forwarding import forward
from stammkunde.server.mail.actions.gating import gate
from stammkunde.server.mail.actions.hearing import FORWARD, hear
from stammkunde.server.mail.attention.learning import learn
from stammkunde.server.mail.deliverability.names import Live
from stammkunde.server.mail.fetching import fetch
from stammkunde.server.mail.models import Arrival, Sender


@task("attention.learn", lease=timedelta(minutes=10), nightly=5)
def attention_learn(running: Running) -> None:
    """How much advertising each customer bears, and what mails brought: after values and segments were computed."""
    learn(now=running.now, tell=running.progress)


@task("mail.fetch", every=timedelta(minutes=5), lease=timedelta(minutes=10))
def mail_fetch(running: Running) -> None:
    """Mail that came back: what lies in the mailbox, and what was kept but not read by a worker who fell silent."""
    for arrival in Arrival.objects.filter(kind="", received_at__lt=running.now - timedelta(minutes=5))[:500]:
        hear(arrival, now=running.now)
    fetch(now=running.now, tell=running.progress)


@task(FORWARD)
def mail_forward(running: Running) -> None:
    """Hand a reply to whoever reads replies."""
    arrival = Arrival.objects.filter(pk=running.payload["arrival"]).first()
    if arrival is not None:
        forward(arrival, now=running.now)


@task("mail.gate", nightly=6)
def mail_gate(running: Running) -> None:
    """Whether mail may still go to many: a record that went missing shuts the gate before the next newsletter."""
    if Sender.now().transport != "captured":
        gate(Live(), now=running.now, by=None)
