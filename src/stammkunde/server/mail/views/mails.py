"""Mails for staff: the list, and the page on which one is written, looked at and published."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.lib.requests import POLICY
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.actions.settings import trial
from stammkunde.server.mail.forms.editing import VOICES, document, sheet
from stammkunde.server.mail.forms.new import New
from stammkunde.server.mail.models import Sender, Template
from stammkunde.server.mail.queries.templates import latest, listed
from stammkunde.server.mail.rendering.compiling import compile_document
from stammkunde.server.mail.rendering.documents import DocumentError, digest, read
from stammkunde.server.mail.rendering.lint import Finding, lint
from stammkunde.server.mail.rendering.previewing import Previewed, previewed
from stammkunde.server.mail.rendering.rendering import Rendered
from stammkunde.server.mail.words import reason
from stammkunde.server.shop.models import Customer

WIDTHS = ("desk", "phone", "text")
#: A mail is shown as it is: with its own styles and pictures, without scripts, forms or links that lead the page away.
LETTER = "default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
FIRST = {
    "subject": {"en": "A word from {{ shop.name }}", "de": "Ein Wort von {{ shop.name }}"},
    "blocks": [
        {"kind": "heading", "text": {"en": "What this is about", "de": "Worum es geht"}},
        {"kind": "text", "text": {"en": "Write here what they should know.", "de": "Hier steht, was wichtig ist."}},
    ],
}


@needs(Right.SEE)
@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """All of them, by name."""
    page = {"rows": listed(), "may": staff(request).may(Right.MESSAGES)}
    return render(request, "mail/mails.html", page)


@needs(Right.MESSAGES)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a mail."""
    form = New(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, key = form.cleaned_data["name"], slugify(form.cleaned_data["name"])[:70] or "mail"
        while Template.objects.filter(key=key).exists():
            key = f"{key[:70]}-{timezone.now():%H%M%S}"
        begun = FIRST | {"key": key, "name": {"en": name, "de": name}, "purpose": form.cleaned_data["purpose"]}
        made = templates.create(begun, language=_language(), now=timezone.now(), by=staff(request))
        return redirect("mail-edit", made.pk)
    return render(request, "mail/new.html", {"form": form})


@needs(Right.SEE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a mail: what is typed is kept as soon as nothing is wrong with it."""
    template = get_object_or_404(Template, pk=pk)
    typed, fault, opened = dict(template.draft), None, None
    if request.method == "POST":
        if not staff(request).may(Right.MESSAGES):
            raise Http404
        do = request.POST.get("do", "save")
        do = f"add:{request.POST.get('kind', '')}" if do == "add" else do
        typed = document(template.draft, request.POST.dict() | {"do": do})
        opened = len(typed["blocks"]) - 2 if do.startswith("add:") else None
        fault = _kept(template, typed, request)
    template.refresh_from_db()
    return _shown(request, template, typed, fault, opened)


def _kept(template: Template, typed: dict[str, Any], request: HttpRequest) -> DocumentError | None:
    try:
        templates.save_draft(template, typed, now=timezone.now(), by=staff(request), language=_language())
    except DocumentError as error:
        return error
    except StammkundeError as error:
        messages.error(request, str(error))
    return None


def _shown(
    request: HttpRequest, template: Template, typed: dict[str, Any], fault: DocumentError | None, opened: int | None
) -> HttpResponse:
    told = f"{fault.what} {fault.advice}" if fault else ""
    shown, preview = sheet(typed, error=told, where=fault.path if fault else ""), _preview(request, template)
    newest = latest(template)
    page = {
        "template": template,
        "sheet": shown,
        "last": len(shown.cards) - 2,
        "opened": opened,
        "preview": preview,
        "voices": VOICES,
        "purposes": Purpose.choices,
        "findings": _findings(template, preview.voice),
        "latest": newest,
        "changed": newest is not None and newest.digest != digest(read(template.draft)),
        "may": staff(request).may(Right.MESSAGES) and template.retired_at is None,
    }
    part = request.htmx  # type: ignore[attr-defined]  # set by its middleware
    answer = render(request, "mail/_editor.html" if part else "mail/edit.html", page)
    answer["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


@dataclass(frozen=True)
class _Preview:
    """A mail as somebody would get it, and how that is asked for."""

    voice: str
    width: str
    who: str
    customer: Customer | None
    found: Previewed | None
    error: str = ""

    @property
    def rendered(self) -> Rendered | None:
        """The mail, where there is one."""
        return self.found.rendered if self.found else None

    @property
    def refused(self) -> str:
        """Why it may not go to this customer, in words; empty where it may."""
        return reason(self.found.refused) if self.found and self.found.refused else ""

    @property
    def left_out(self) -> list[str]:
        """Why parts of it are left out for this customer."""
        return [reason(code) for code in dict.fromkeys(self.found.left_out.values())] if self.found else []

    @property
    def asked(self) -> str:
        """As it stands in an address."""
        return urlencode({"voice": self.voice, "width": self.width, "as": self.who})


def _preview(request: HttpRequest, template: Template) -> _Preview:
    usual = "de-sie" if _language() == "de" else "en"
    voice = request.GET.get("voice", usual)
    voice = voice if voice in dict(VOICES) else usual
    width, who = request.GET.get("width", WIDTHS[0]), request.GET.get("as", "").strip()[:254]
    found = Customer.objects.filter(email=who.lower(), merged_into=None).order_by("pk").first() if who else None
    customer = found or _somebody()
    try:
        mail = previewed(read(template.draft, key=template.key), customer, voice=voice, now=timezone.now())
    except StammkundeError as error:
        return _Preview(voice, width, who, customer, None, str(error))
    return _Preview(voice, width if width in WIDTHS else WIDTHS[0], who, customer, mail)


def _somebody() -> Customer | None:
    """Whom a mail is shown as where nobody is named: the last who can be written to."""
    return Customer.objects.filter(merged_into=None).exclude(email="").order_by("-pk").first()


@needs(Right.SEE)
@require_GET
@xframe_options_sameorigin
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail itself, for the frame on its page."""
    found = _preview(request, get_object_or_404(Template, pk=pk)).rendered
    if found is None:
        raise Http404
    return HttpResponse(found.html, headers={"Content-Security-Policy": LETTER, "Cache-Control": "no-store"})


@needs(Right.MESSAGES)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Make what is written a version that goes out."""
    template = get_object_or_404(Template, pk=pk)
    try:
        made = templates.publish(template, now=timezone.now(), by=staff(request))
    except StammkundeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Published as version %(number)s.") % {"number": made.number})
    return redirect("mail-edit", pk)


@needs(Right.MESSAGES)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it to oneself."""
    template = get_object_or_404(Template, pk=pk)
    found = _preview(request, template).rendered
    try:
        if found is None:
            raise StammkundeError(_("The mail cannot be shown yet."), advice=_("Mend what is wrong with it first."))
        sender, to = Sender.now(), staff(request).email
        told = trial(sender, to, now=timezone.now(), mail=replace(found, subject=f"[Test] {found.subject}"))
    except StammkundeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Sent to %(address)s. %(answer)s") % {"address": to, "answer": told})
    return redirect("mail-edit", pk)


def _findings(template: Template, voice: str) -> list[Finding]:
    """What to look at; nothing where the mail cannot be compiled: that is told already."""
    found = read(template.draft, key=template.key)
    try:
        return lint(found, compile_document(found, voice=voice), voice)
    except DocumentError:
        return []


def _language() -> str:
    return "de" if (get_language() or "en").startswith("de") else "en"
