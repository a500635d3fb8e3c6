"""What the room does by itself."""

from datetime import timedelta

from stammkunde.server.lib.work import Running, task
from stammkunde.server.mail.attention.learning import learn


@task("attention.learn", lease=timedelta(minutes=10), nightly=5)
def attention_learn(running: Running) -> None:
    """How much advertising each customer bears, and what mails brought: after values and segments were computed."""
    learn(now=running.now, tell=running.progress)
