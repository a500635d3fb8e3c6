"""Is the process alive, and can it serve?"""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from stammkunde.server.lib import checks


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    del request
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers, with tables of this version."""
    del request
    found = [{"id": each.id, "what": each.msg, "hint": each.hint} for each in checks.database()]
    return JsonResponse({"status": "not ready" if found else "ok", "problems": found}, status=503 if found else 200)
