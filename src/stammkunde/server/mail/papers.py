"""The proof of one message as a paper: what went to whom, on which basis, block by block, and what had been said."""

from datetime import datetime

from django.utils.translation import gettext as _

from stammkunde.server.consent.papers import Sheet, moment, proof
from stammkunde.server.consent.queries.evidence import evidence
from stammkunde.server.mail.queries.messages import Ground, Story
from stammkunde.server.mail.words import origin, reason


def paper(story: Story, *, at: datetime) -> bytes:
    """The proof as PDF, in the reader's language; the ledger of consents in it is that of the moment of sending."""
    send = story.send
    sheet = Sheet(_("Proof of message %(number)s") % {"number": send.pk}, at)
    sheet.table(_facts(story), [140, 359])
    sheet.head(_("On which basis"))
    if story.grounds:
        rows = [[_("Part"), _("For"), _("Allowed?"), _("Why"), _("Law"), _("Proof")]]
        sheet.table(rows + [_ground(each) for each in story.grounds], [62, 80, 50, 130, 110, 67])
    else:
        sheet.text(_("It was not decided: the message has not left."))
    if send.customer is not None:
        proof(sheet, evidence(send.customer, at=send.settled_at or at))
    return sheet.pdf()


def _facts(story: Story) -> list[list[str]]:
    send, message = story.send, story.send.message
    facts = [
        (_("To"), send.address or (send.customer.email if send.customer else "–")),
        (_("The mail"), f"{message.version.template.name}, {_('version')} {message.version.number}"),
        (_("Subject"), send.subject or "–"),
        (_("Wanted by"), f"{origin(message.origin)} {message.origin_id or ''} {message.step}".strip()),
        (_("Due"), moment(send.due_at)),
        (_("What became of it"), str(send.get_state_display())),
        (_("When"), moment(send.settled_at) if send.settled_at else "–"),
        (_("Why"), reason(send.reason) if send.reason else "–"),
        (_("Message-ID"), send.header_id or "–"),
        (_("Answer of the server"), send.response or "–"),
    ]
    return [[_("What"), ""], *([name, value] for name, value in facts)]


def _ground(each: Ground) -> list[str]:
    proven = (
        _("entry %(number)s of %(when)s") % {"number": each.entry.pk, "when": moment(each.entry.at)}
        if each.entry
        else ""
    )
    proven = proven or (_("order %(number)s") % {"number": each.order} if each.order else "–")
    part = each.block or _("the message")
    return [part, each.purpose, _("yes") if each.allowed else _("not in it"), each.why, each.source or "–", proven]
