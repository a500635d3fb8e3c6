"""Mails through the API: written, published, looked at. What is sent of them is in `api_messages`."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.models import Template
from stammkunde.server.mail.queries.templates import listed, versions
from stammkunde.server.mail.rendering.compiling import compile_document
from stammkunde.server.mail.rendering.documents import read
from stammkunde.server.mail.rendering.lint import lint
from stammkunde.server.mail.rendering.previewing import previewed
from stammkunde.server.mail.schemas import (
    MailDocumentIn,
    MailFindingOut,
    MailOut,
    MailPreviewIn,
    MailPreviewOut,
    MailVersionOut,
)
from stammkunde.server.shop.models import Customer

router = Router(tags=["mails"])


@router.get("/mails", auth=scoped(Right.SEE), response=list[MailOut])
def mails(request: HttpRequest, retired: bool = False) -> list[MailOut]:
    """The mails there are, by name; or those that were put away."""
    del request
    return [MailOut.of(each.template, versions=each.versions, sent=each.sent) for each in listed(retired=retired)]


@router.post("/mails", auth=scoped(Right.MESSAGES), response={201: MailOut})
def make(request: HttpRequest, given: MailDocumentIn) -> Status[MailOut]:
    """A new mail of a document (see docs/how-to/mails.md), not published."""
    by, now = request.auth, timezone.now()  # type: ignore[attr-defined]  # ninja sets it
    return Status(201, MailOut.of(templates.create(given.document, language=settings.LANGUAGE_CODE, now=now, by=by)))


@router.get("/mails/{pk}", auth=scoped(Right.SEE), response=MailOut)
def one(request: HttpRequest, pk: int) -> MailOut:
    """A mail, as it is being written."""
    del request
    return MailOut.of(_mail(pk))


@router.put("/mails/{pk}", auth=scoped(Right.MESSAGES), response=MailOut)
def write(request: HttpRequest, pk: int, given: MailDocumentIn) -> MailOut:
    """Keep another draft. Nothing that is sent changes by it."""
    by, now = request.auth, timezone.now()  # type: ignore[attr-defined]  # ninja sets it
    draft, language = given.document, settings.LANGUAGE_CODE
    return MailOut.of(templates.save_draft(_mail(pk), draft, now=now, by=by, language=language))


@router.post("/mails/{pk}/publish", auth=scoped(Right.MESSAGES), response=MailVersionOut)
def publish(request: HttpRequest, pk: int) -> MailVersionOut:
    """Make a version of the draft; where nothing has changed, it is the version there is."""
    by = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return MailVersionOut.of(templates.publish(_mail(pk), now=timezone.now(), by=by))


@router.get("/mails/{pk}/versions", auth=scoped(Right.SEE), response=list[MailVersionOut])
def history(request: HttpRequest, pk: int) -> list[MailVersionOut]:
    """Its versions, the newest first: what was sent stands in them."""
    del request
    return [MailVersionOut.of(each) for each in versions(_mail(pk))]


@router.post("/mails/{pk}/preview", auth=scoped(Right.SEE), response=MailPreviewOut)
def preview(request: HttpRequest, pk: int, given: MailPreviewIn) -> MailPreviewOut:
    """The draft as a customer would get it now, with what would be left out, and why it may not go to them."""
    del request
    customer = get_object_or_404(Customer, pk=given.customer) if given.customer is not None else None
    found = previewed(read(_mail(pk).draft), customer, voice=given.voice, now=timezone.now())
    return MailPreviewOut.of(found)


@router.get("/mails/{pk}/findings", auth=scoped(Right.SEE), response=list[MailFindingOut])
def findings(request: HttpRequest, pk: int, voice: str = "en") -> list[MailFindingOut]:
    """What somebody should look at before the draft goes out, the worst first."""
    del request
    document = read(_mail(pk).draft)
    spoken = voice if voice in ("en", "de-du", "de-sie") else "en"
    found = lint(document, compile_document(document, voice=spoken), spoken)
    return [MailFindingOut(level=str(each.level), where=each.where, text=each.text) for each in found]


def _mail(pk: int) -> Template:
    return get_object_or_404(Template, pk=pk if abs(pk) < 2**62 else 0)
