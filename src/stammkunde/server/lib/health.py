"""Is the process alive, and can it serve?"""

from django.core.checks import CheckMessage
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from stammkunde.server.lib import checks


class Tables:
    """Whether this process has once seen tables of its version: looking for migrations on disk takes its time."""

    right = False


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    del request
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers, with tables of this version; what is wrong with the queue is told beside it.

    A queue that stands still is no reason to send nobody here: pages answer and facts are kept until a worker comes.
    """
    del request
    problems = _problems()
    slow = [] if problems else checks.queue(now=timezone.now())
    status = "not ready" if problems else "behind" if slow else "ok"
    body = {"status": status, "problems": _told(problems), "queue": _told(slow)}
    return JsonResponse(body, status=503 if problems else 200)


def _problems() -> list[CheckMessage]:
    if Tables.right:
        return checks.answers()
    found = checks.database()
    Tables.right = not found
    return found


def _told(found: list[CheckMessage]) -> list[dict[str, str]]:
    """Ids and what they mean; no error of a database, which names hosts: `doctor` tells all, to who may run it."""
    return [{"id": str(each.id), "what": each.msg.partition(":")[0]} for each in found]
