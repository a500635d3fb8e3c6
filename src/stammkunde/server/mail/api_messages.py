"""The ledger of messages through the API."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.mail.models import Send
from stammkunde.server.mail.queries.messages import Filter, page, story
from stammkunde.server.mail.schemas_messages import MessageOut, MessagesAsked, MessagesOut, MessageStoryOut

router = Router(tags=["messages"])


@router.get("/messages", response=MessagesOut, auth=scoped(Right.SEE))
def messages(request: HttpRequest, asked: Query[MessagesAsked]) -> MessagesOut:
    """Messages to customers, newest first: sent, waiting, and those that did not go, with the reason."""
    del request
    who = Filter.read({name: str(value) for name, value in asked.dict(exclude={"after"}).items() if value})
    found = page(who, after=asked.after)
    return MessagesOut(messages=[MessageOut.of(row) for row in found.rows], after=str(found.after or ""))


@router.get("/messages/{pk}", response=MessageStoryOut, auth=scoped(Right.SEE))
def message(request: HttpRequest, pk: int) -> MessageStoryOut:
    """One message: on which basis each part of it went out or was left out, and what happened with it."""
    del request
    rows = Send.objects.select_related("customer", "message__version__template", "order")
    return MessageStoryOut.of_story(story(get_object_or_404(rows, pk=pk)))
