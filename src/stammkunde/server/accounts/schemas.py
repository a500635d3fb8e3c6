"""What the API of the room takes and gives."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.lib.bodies import Body


class MeOut(Schema):
    """Who asks: a member of staff, or a key."""

    kind: Literal["staff", "key"]
    name: str
    email: str
    role: str
    rights: list[Right]
    language: str
    theme: str
    second_factor: bool


class MeIn(Body):
    """What everybody sets for themselves; what is left out stays."""

    name: str | None = Field(None, max_length=120)
    language: Literal["", "en", "de"] | None = None
    theme: Literal["", "light", "dark"] | None = None


class StaffOut(Schema):
    """One of the staff."""

    id: int
    email: str
    name: str
    role: Role
    is_active: bool
    second_factor: bool = Field(alias="factor")
    joined_at: datetime | None
    last_login: datetime | None


class PersonIn(Body):
    """Another role, or the end of the access; what is left out stays."""

    role: Role | None = None
    is_active: bool | None = None


class LinkOut(Schema):
    """A link that is shown this one time."""

    link: str


class InvitationOut(Schema):
    """A link that still lets somebody in; the link itself is kept nowhere."""

    id: int
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


class InvitationIn(Body):
    """Who is to come in, as what."""

    role: Role
    email: str = Field("", max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")


class KeyOut(Schema):
    """A key by its beginning."""

    id: int
    name: str
    start: str
    scopes: list[str]
    created_at: datetime
    used_at: datetime | None
    ended_at: datetime | None


class KeyIn(Body):
    """What a key is for, and what it may do."""

    name: str = Field(min_length=1, max_length=120)
    scopes: list[Right] = Field(min_length=1)


class NewKeyOut(Schema):
    """A key, whole, this one time."""

    key: str


class EntryOut(Schema):
    """A change somebody made."""

    id: int
    at: datetime
    user_id: int | None
    key_id: int | None
    verb: str
    subject: str
    subject_id: str
    title: str
    change: dict[str, Any]


class LogOut(Schema):
    """A page of the log, newest first; `after` asks for the next one, empty at the end."""

    items: list[EntryOut]
    after: str


class EndpointOut(Schema):
    """Who is told what; the secret is shown once only. `failing_since` is when thanks first failed to come."""

    id: int
    url: str
    about: str
    events: list[str]
    private: bool
    active: bool
    created_at: datetime
    told_at: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str
    old_until: datetime | None


class EndpointIn(Body):
    """Where to tell, and what: "*", a family such as "message.*", or an event. `private` allows the own network."""

    url: str = Field(min_length=1, max_length=500)
    events: list[str] = Field(min_length=1, max_length=100)
    about: str = Field("", max_length=160)
    private: bool = False


class EndpointChangeIn(EndpointIn):
    """The whole of it anew."""

    active: bool = True


class NewEndpointOut(Schema):
    """An endpoint, and its secret this one time."""

    endpoint: EndpointOut
    secret: str


class SecretOut(Schema):
    """A secret, this one time."""

    secret: str


class DispatchOut(Schema):
    """One telling; `webhook_id` is the same over all tries."""

    id: int
    webhook_id: str = Field(alias="outgoing.uid")
    event: str = Field(alias="outgoing.event")
    body: str = Field(alias="outgoing.body")
    at: datetime = Field(alias="outgoing.at")
    state: str
    attempts: int
    due_at: datetime
    status: int | None
    response: str
    settled_at: datetime | None


class ToldOut(Schema):
    """How many tellings are on their way."""

    told: int
