"""What the room says and takes through the API."""

from ipaddress import ip_address

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status
from ninja.errors import HttpError

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.bases import Topic
from stammkunde.server.consent.links import confirm_url
from stammkunde.server.consent.models import Wording
from stammkunde.server.consent.packs import PACKS
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.consent.queries.evidence import evidence
from stammkunde.server.consent.queries.rules import rules
from stammkunde.server.consent.schemas import (
    ConsentEntryOut,
    DecisionOut,
    EvidenceOut,
    RuleOut,
    SaidIn,
    SignUpIn,
    SignUpOut,
)
from stammkunde.server.shop.actions.people import met
from stammkunde.server.shop.models import Customer

router = Router(tags=["consent"])


@router.get("/customers/{pk}/consent", response=EvidenceOut, auth=scoped(Right.SEE))
def standing(request: HttpRequest, pk: int) -> EvidenceOut:
    """What may go to a customer now, on which basis, and what proves it."""
    del request
    found = evidence(get_object_or_404(Customer, pk=pk), at=timezone.now())
    return EvidenceOut(
        customer=pk,
        address=found.customer.email,
        at=found.at,
        decisions=[DecisionOut.of(line) for line in found.lines],
        entries=[ConsentEntryOut.of(row) for row in found.entries],
    )


@router.post("/customers/{pk}/consent", response={201: ConsentEntryOut}, auth=scoped(Right.CUSTOMERS))
def said(request: HttpRequest, pk: int, body: SaidIn) -> Status[ConsentEntryOut]:
    """Record that a customer agreed, took it back, or objected."""
    customer, now = get_object_or_404(Customer, pk=pk), timezone.now()
    proof = _proof(request, body.source, body.page, body.ip, body.wording, body.note)
    topic, where = _topic(body.topic), _address(body.address) if body.address else ""
    try:
        if body.kind == "granted":
            proven = proof.wording is not None
            made = recording.grant(customer, topic=topic, proof=proof, now=now, proven=proven, address=where)
        elif body.kind in ("withdrawn", "objected"):
            done = recording.withdraw if body.kind == "withdrawn" else recording.object_to
            made = done(customer, topic=topic, proof=proof, now=now, address=where)
        else:
            raise HttpError(422, "kind is granted, withdrawn or objected.")
    except StammkundeError as error:
        raise HttpError(422, str(error)) from error
    return Status(201, ConsentEntryOut.of(made))


@router.post("/sign-ups", response={201: SignUpOut}, auth=scoped(Right.CUSTOMERS))
def sign_up(request: HttpRequest, body: SignUpIn) -> Status[SignUpOut]:
    """Sign an address up, as typed into a form of the shop. It counts once the address has confirmed it. The journey of
    sign-ups asks it to, where it is on; else the answer has the link for a mail that asks, and asks only (no
    advertising in it). `again` where it was signed up a day ago or less: one mail is enough."""
    address = _address(body.address)
    customer = Customer.objects.filter(email=address, merged_into=None).order_by("pk").first()
    customer = customer or met(address, now=timezone.now())
    proof, now = _proof(request, "api", body.page, body.ip, body.wording), timezone.now()
    made, fresh = recording.request_opt_in(
        address=address, topic=_topic(body.topic), customer=customer, proof=proof, now=now
    )
    return Status(201, SignUpOut(entry=made.pk, confirm_url=confirm_url(made.pk), again=not fresh))


@router.get("/consent/rules", response=list[RuleOut], auth=scoped(Right.SEE))
def matrix(request: HttpRequest) -> list[RuleOut]:
    """What may carry which mail, country by country, as it holds now."""
    del request
    holding = rules()
    return [
        RuleOut(
            pack=pack.key,
            purpose=str(each),
            bases=[str(basis) for basis in holding.row(pack, each).bases],
            source=holding.row(pack, each).source,
            changed=(pack.key, str(each)) in holding.changed,
        )
        for pack in PACKS.values()
        for each in Purpose
    ]


def _topic(said: str) -> str:
    if said not in Topic.values:
        raise HttpError(422, f"topic is one of {', '.join(Topic.values)}.")
    return said


def _address(said: str) -> str:
    address = said.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise HttpError(422, "address is no e-mail address.") from error
    return address


def _proof(request: HttpRequest, source: str, page: str, ip: str | None, wording: int | None, note: str = "") -> Proof:
    """How it was said, with the key that tells it.

    Raises
    ------
    HttpError : 422, no such address of the internet, or no such wording.
    """
    if ip is not None:
        try:
            ip_address(ip)
        except ValueError as error:
            raise HttpError(422, "ip is no address of the internet.") from error
    words = Wording.objects.filter(pk=wording).first() if wording is not None and abs(wording) < 2**62 else None
    if wording is not None and words is None:
        raise HttpError(422, "There is no wording of this number.")
    by = getattr(request, "auth", None)
    return Proof(source[:40], page, ip, words, note, by if isinstance(by, Key) else None)
