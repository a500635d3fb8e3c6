"""Flows of the library as the API writes them."""

from typing import Any, Self

from ninja import Schema

from stammkunde.server.journeys.definitions.reading import written
from stammkunde.server.journeys.library.reading import Flow
from stammkunde.server.mail.rendering import documents


class JourneyFlowOut(Schema):
    """A flow that may be copied: `gaps` links have to be filled in before it can be published."""

    key: str
    group: str
    name: dict[str, str]
    about: dict[str, str]
    purposes: list[str]
    mails: list[str]
    gaps: int

    @classmethod
    def fields_of(cls, flow: Flow) -> dict[str, Any]:
        """The fields of a flow."""
        found = flow.definition
        told = {"name": dict(found.name), "about": dict(found.about), "mails": list(flow.documents)}
        return {"key": flow.key, "group": flow.group, **told, "purposes": list(flow.purposes), "gaps": flow.gaps}

    @classmethod
    def of(cls, flow: Flow) -> Self:
        """A flow."""
        return cls(**cls.fields_of(flow))


class FlowStoryOut(JourneyFlowOut):
    """A flow with its journey and its mails, as they stand in its file."""

    definition: dict[str, Any]
    documents: dict[str, dict[str, Any]]
    look: list[dict[str, str]]

    @classmethod
    def of(cls, flow: Flow) -> Self:
        """A flow with all of it."""
        mails = {key: documents.written(each) for key, each in flow.documents.items()}
        look = [dict(each) for each in flow.look]
        return cls(**cls.fields_of(flow), definition=written(flow.definition), documents=mails, look=look)


class FlowCopyOut(Schema):
    """The journey that a copy has made: off, and not published."""

    id: int
    key: str
    name: str
    state: str
    mails: list[str]
