"""Days that facts count from 1970, and the segments of a customer."""

from django import template

from stammkunde.server.segments.models import CustomerFacts, Segment
from stammkunde.server.segments.queries import days, members, naming
from stammkunde.server.shop.models import Customer
from stammkunde.server.ui.templatetags.ui import day

register = template.Library()


@register.filter
def dated(number: int | str | None) -> str:
    """The day that many days after 1 January 1970."""
    return day(days.day(number) if isinstance(number, int) else None)


register.filter("titled", naming.title)
register.filter("purpose", naming.purpose)


@register.inclusion_tag("segments/_of_customer.html")
def segments_of(customer: Customer) -> dict[str, object]:
    """The segments and the type of a customer, each leading to why: `{% segments_of customer %}`."""
    known = CustomerFacts.objects.filter(pk=customer.pk).values_list("customer_type", flat=True).first()
    kind = None if known is None else Segment.objects.filter(pk=known).first()
    return {"customer": customer, "members": members.of(customer), "kind": kind}
