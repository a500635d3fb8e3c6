"""What allauth tells of logins and second factors, written into the log. These are a library's signals, not ours."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.utils import timezone

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import User


def listen() -> None:
    """Called once, when all apps are there. Bound by name: a second call binds nothing twice."""
    account.user_logged_in.connect(_came, dispatch_uid="accounts.came")
    account.password_changed.connect(_password, dispatch_uid="accounts.changed")
    account.password_reset.connect(_password, dispatch_uid="accounts.reset")
    mfa.authenticator_added.connect(_added, dispatch_uid="accounts.added")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="accounts.removed")
    mfa.authenticator_reset.connect(_renewed, dispatch_uid="accounts.renewed")
    mfa.authentication_failed.connect(_missed, dispatch_uid="accounts.missed")


def _came(user: User, **_: Any) -> None:
    _note("logged in", "staff", user)


def _password(user: User, **_: Any) -> None:
    _note("changed the password of", "staff", user)


def _added(user: User, authenticator: Authenticator, **_: Any) -> None:
    _note("added", "second factor", user, kind=authenticator.type)


def _removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _note("removed", "second factor", user, kind=authenticator.type)


def _renewed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _note("renewed", "second factor", user, kind=authenticator.type)


def _missed(user: User, **_: Any) -> None:
    """A wrong code: nobody is logged in yet, so nobody did it."""
    record("failed", "second factor", now=timezone.now(), subject_id=user.pk, title=user.email)


def _note(verb: str, subject: str, user: User, **change: Any) -> None:
    record(verb, subject, now=timezone.now(), by=user, subject_id=user.pk, title=user.email, change=change)
