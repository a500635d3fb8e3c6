"""To whom messages go today: the address as it is now, and the one who remained where two turned out to be one."""

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from stammkunde.server.mail.models import Send
from stammkunde.server.mail.sending.settling import Stopped
from stammkunde.server.shop.models import Customer

DEEP = 10  # merges of merges that are followed


def meet(sends: Sequence[Send]) -> list[Stopped]:
    """Let each message name the customer it reaches today; returns those that reach nobody.

    A message for somebody merged into another goes to the one who remained, unless they have the same message already.
    """
    found = _loaded({each.customer_id for each in sends if each.customer_id is not None})
    stopped = []
    for each in sends:
        customer = _remaining(each.customer_id, found)
        if customer is None:
            stopped.append(Stopped(each, Send.State.SUPPRESSED, "no_customer"))
        elif customer.pk != each.customer_id and not _moved(each, customer):
            stopped.append(Stopped(each, Send.State.SUPPRESSED, "merged"))
        else:
            each.customer, each.address = customer, customer.email
    return stopped


def _loaded(ids: set[int]) -> dict[int, Customer]:
    found = Customer.objects.in_bulk(ids)
    for _ in range(DEEP):
        further = {each.merged_into_id for each in found.values() if each.merged_into_id is not None} - found.keys()
        if not further:
            break
        found |= Customer.objects.in_bulk(further)
    return found


def _remaining(pk: int | None, found: Mapping[int, Customer]) -> Customer | None:
    seen: set[int] = set()
    customer = found.get(pk or 0)
    while customer is not None and customer.merged_into_id is not None and customer.pk not in seen:
        seen.add(customer.pk)
        customer = found.get(customer.merged_into_id)
    return customer


def _moved(send: Send, customer: Customer) -> bool:
    """Let the row name who remained; the ledger's own rule says whether they have that message already."""
    try:
        with transaction.atomic():
            moved = Send.objects.filter(pk=send.pk, worker=send.worker, state=Send.State.CLAIMED)
            return bool(moved.update(customer=customer))
    except IntegrityError:
        return False
