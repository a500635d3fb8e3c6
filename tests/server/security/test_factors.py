"""Second factors lie sealed in the database, also those that were there before they were."""

import importlib
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.test import Client

from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role

pytestmark = pytest.mark.django_db
seal_all = importlib.import_module("stammkunde.server.accounts.migrations.0003_seal_factors").seal_all


@pytest.fixture
def olga(as_role: Callable[[str], Client]) -> User:
    """An owner."""
    as_role(Role.OWNER)
    return User.objects.get()


def test_a_stolen_database_makes_no_codes(olga: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(olga, secret)
    spare = RecoveryCodes.activate(olga).generate_codes()
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert [each for each in (secret, *spare) if each in kept] == []


def test_factors_that_stood_open_are_sealed_and_work_as_before(olga: User) -> None:
    secret = generate_totp_secret()
    Authenticator.objects.create(user=olga, type="totp", data={"secret": secret})
    open_codes = {"migrated_codes": ["12345678", "87654321"]}
    Authenticator.objects.create(user=olga, type="recovery_codes", data=open_codes)
    for _ in range(2):  # again changes nothing
        seal_all(apps, None)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert "12345678" not in kept
    totp, codes = (Authenticator.objects.get(type=each).wrap() for each in ("totp", "recovery_codes"))
    assert isinstance(totp, TOTP)
    assert codes.generate_codes() == ["12345678", "87654321"]
    assert totp.validate_code("000000") in {True, False}  # it can be opened


def test_a_seed_is_sealed_too(olga: User) -> None:
    seed = "ab" * 40
    Authenticator.objects.create(user=olga, type="recovery_codes", data={"seed": seed, "used_mask": 0})
    seal_all(apps, None)
    row = Authenticator.objects.get()
    assert seed not in str(row.data)
    assert len(row.wrap().generate_codes()) == 10
