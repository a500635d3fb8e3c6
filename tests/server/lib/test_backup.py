"""A backup holds everything at one moment, can be told from a damaged one, and goes into either database."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from instances import Instance, instances
from server.lib.conftest import Apart
from stammkunde.errors import DataError, InputError
from stammkunde.server.accounts.models import Entry, User
from stammkunde.server.lib import backup, copytext
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.restore import restore
from stammkunde.server.shop.models import Customer, Delivery, Order
from stammkunde.server.shop.models import Source as Shop

NEEDS = "needs PostgreSQL: python tests/on_postgres.py"
pytestmark = pytest.mark.django_db(transaction=True)

WRITTEN = "Ännchen\tvon \\N \\t\\\\ \"Tharau'\r\n🙂 " + "x" * 60


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Callable[[str], Instance]]:
    """A new installation on `sqlite` or `postgresql`."""
    with instances(tmp_path) as fresh:
        yield fresh


@pytest.fixture
def shop(now: datetime) -> Shop:
    """A shop in which every kind of column has its traps."""
    anna = User.objects.create_user("anna@example.com", "correct horse battery", role="owner", joined_at=now)
    source = Shop.objects.create(
        kind="shopify",
        name=WRITTEN,
        token="t" * 32,
        created_at=now.replace(microsecond=500_000),
        options={"ä": [1, None]},
    )
    body = bytes(range(256)) * 3
    Delivery.objects.create(
        source=source, topic="orders", key="1", digest="d", body=body, received_at=now.replace(microsecond=7)
    )
    for number, name in enumerate(["", "\\N", "\\", "Ben\tund\nClara"]):
        customer = Customer.objects.create(origin=f"shop:{number}", name=name, known_since=now, changed_at=now)
        Order.objects.create(
            source=source,
            external_id=str(number),
            customer=customer if number else None,
            placed_at=now,
            day=date(2026, 2, 28),
            currency="EUR",
            gross=2**53 + number,
            total=-5,
            test=bool(number),
        )
    Entry.objects.create(
        at=now, user=anna, verb="made", subject="shop", change={"from": None, "to": [1.5, "ü", WRITTEN]}
    )
    Job.objects.create(kind="score", due_at=now, created_at=now, payload={"of": "Anna"}, state="done", finished_at=now)
    return source


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a backup holds, whichever database wrote it."""
    same: dict[str, Callable[[str], Any]] = {**copytext.READERS, "json": json.loads}
    found: dict[str, list[tuple[Any, ...]]] = {}
    with backup.opened(path) as (archive, contents):
        for table in contents.tables:
            lines = archive.read(f"tables/{table.name}").decode().split("\n")[:-1]
            kinds = [kind for _, kind in table.columns]
            parsed = copytext.rows(copytext.Table(table.name, tuple((n, "text") for n, _ in table.columns)), lines)
            found[table.name] = sorted(
                (
                    tuple(
                        value
                        if value is None or kind not in same
                        else json.dumps(same[kind](value), sort_keys=True)
                        if kind == "json"
                        else same[kind](value)
                        for value, kind in zip(row, kinds, strict=True)
                    )
                    for row in parsed
                ),
                key=repr,
            )
    return found


def test_every_kind_of_column_of_every_model_is_known(db: None) -> None:
    assert {table.name for table in copytext.tables()} >= {
        "shop_order",
        "accounts_user",
        "lib_job",
        "mfa_authenticator",
    }


@pytest.mark.parametrize("onto", ["sqlite", "postgresql"])
def test_a_backup_goes_into_an_empty_instance_and_comes_out_the_same(
    shop: Shop, now: datetime, tmp_path: Path, instance: Callable[[str], Instance], onto: str
) -> None:
    if onto == "postgresql" and connection.vendor != "postgresql":
        pytest.skip(NEEDS)
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    backup.write(first, now=now)
    new = instance(onto)
    told = new.stammkunde("restore", str(first))
    assert told.returncode == 0, told.stderr
    assert "Restored: " in told.stdout
    assert new.stammkunde("backup", str(second)).returncode == 0
    assert rows(first) == rows(second)
    assert len(rows(first)["shop_order"]) == 4
    assert (new.data / "secret-key").read_text() == settings.SECRET_KEY
    link = new.stammkunde("invite", "--role", "owner")  # a new row has a number of its own
    assert link.returncode == 0, link.stderr


@pytest.mark.thorough
def test_a_backup_of_one_database_comes_back_from_the_other(
    shop: Shop, now: datetime, tmp_path: Path, instance: Callable[[str], Instance]
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip(NEEDS)
    files = [tmp_path / f"{step}.zip" for step in range(3)]
    backup.write(files[0], now=now)
    for kind, before, after in (("sqlite", files[0], files[1]), ("postgresql", files[1], files[2])):
        new = instance(kind)
        told = new.stammkunde("restore", str(before))
        assert told.returncode == 0, told.stderr
        assert new.stammkunde("backup", str(after)).returncode == 0
    assert rows(files[0]) == rows(files[2])


def test_moments_come_back_as_sqlite_sorts_them(shop: Shop, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    before = list(Delivery.objects.values_list("received_at", flat=True)), list(Shop.objects.values_list("created_at"))
    backup.write(path, now=now)
    restore(path, now=now, force=True)
    assert before == (
        list(Delivery.objects.filter(received_at=now.replace(microsecond=7)).values_list("received_at", flat=True)),
        list(Shop.objects.filter(created_at=now.replace(microsecond=500_000)).values_list("created_at")),
    )


def test_all_of_a_backup_is_of_one_moment(shop: Shop, now: datetime, tmp_path: Path) -> None:
    def somebody_comes(step: str, share: float | None) -> None:
        if step == "Copying accounts_user":  # the customers come after that
            Customer.objects.create(origin="shop:late", known_since=now, changed_at=now)

    backup.write(tmp_path / "shop.zip", now=now, tell=somebody_comes)
    assert Customer.objects.count() == 5
    assert len(rows(tmp_path / "shop.zip")["shop_customer"]) == 4


def test_uploads_and_the_key_come_along_and_open_logins_do_not(shop: Shop, now: datetime, tmp_path: Path) -> None:
    upload = Path(settings.MEDIA_ROOT) / "imports" / "anna's orders.csv"
    upload.parent.mkdir(parents=True, exist_ok=True)
    upload.write_bytes(b"\0\1\2" * 1000)
    made = backup.write(tmp_path / "shop.zip", now=now)
    upload.unlink()
    restore(tmp_path / "shop.zip", now=now, force=True)
    assert upload.read_bytes() == b"\0\1\2" * 1000
    assert "secret-key" in made.members
    assert "django_session" not in made.rows
    assert (tmp_path / "shop.zip").stat().st_mode & 0o077 == 0
    upload.unlink()


def test_without_secrets_the_key_stays_here_and_who_restores_is_told(shop: Shop, now: datetime, tmp_path: Path) -> None:
    made = backup.write(tmp_path / "shop.zip", now=now, with_secrets=False)
    assert "secret-key" not in made.members
    _, left = restore(tmp_path / "shop.zip", now=now, force=True)
    assert "enter the credentials" in left[0]


def test_a_damaged_a_cut_off_and_a_foreign_file_are_refused_before_anything_is_touched(
    shop: Shop, now: datetime, tmp_path: Path
) -> None:
    whole = tmp_path / "shop.zip"
    backup.write(whole, now=now)
    content = bytearray(whole.read_bytes())
    with zipfile.ZipFile(whole) as archive:
        member = archive.getinfo("tables/shop_delivery")
        place = member.header_offset + 70 + member.compress_size // 2
    content[place] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(content)
    (tmp_path / "cut.zip").write_bytes(whole.read_bytes()[:-300])
    (tmp_path / "foreign.zip").write_text("orders,customers")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("manifest.json", '{"format": 99}')
    for name, error in (("damaged", DataError), ("cut", InputError), ("foreign", InputError), ("other", InputError)):
        with pytest.raises(error):
            restore(tmp_path / f"{name}.zip", now=now, force=True)
    assert Order.objects.count() == 4
    assert backup.verify(whole).rows["shop_order"] == 4


def test_a_row_that_cannot_be_taken_leaves_everything_as_it_was(shop: Shop, now: datetime, tmp_path: Path) -> None:
    path, spoilt = tmp_path / "shop.zip", tmp_path / "spoilt.zip"
    backup.write(path, now=now)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(spoilt, "w") as target:
        contents = backup.Contents.of_json(source.read("manifest.json"))
        for name in contents.members:
            text = source.read(name)
            text = text.replace(b"EUR", b"\\N") if name == "tables/shop_order" else text
            backup._add(target, contents, name, [text])
        target.writestr("manifest.json", contents.to_json())
    with pytest.raises(DataError, match="shop_order"):
        restore(spoilt, now=now, force=True)
    assert Order.objects.count() == 4
    assert User.objects.count() == 1


def test_an_instance_in_use_is_only_replaced_when_that_is_said(shop: Shop, now: datetime, tmp_path: Path) -> None:
    backup.write(tmp_path / "shop.zip", now=now)
    Customer.objects.create(origin="shop:new", known_since=now, changed_at=now)
    with pytest.raises(InputError, match="not empty"):
        restore(tmp_path / "shop.zip", now=now)
    assert Customer.objects.count() == 5
    restore(tmp_path / "shop.zip", now=now, force=True)
    assert Customer.objects.count() == 4


def test_nothing_is_restored_under_a_worker_at_work(now: datetime, tmp_path: Path) -> None:
    backup.write(tmp_path / "shop.zip", now=now)
    Job.objects.create(kind="score", state="running", due_at=now, created_at=now, lease_until=now.replace(hour=23))
    with pytest.raises(InputError, match="at work"):
        restore(tmp_path / "shop.zip", now=now)


def test_a_backup_of_a_newer_version_is_refused_with_the_way_out(now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    made = backup.write(path, now=now)
    made.migrations.append("lib.9999_from_the_future")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("manifest.json", made.to_json())
    with pytest.raises(DataError, match="9999_from_the_future"):
        restore(path, now=now, force=True)


EARLIER = """
from pathlib import Path
from django.core.management import call_command
from django.utils import timezone
from stammkunde.server.lib import backup
from stammkunde.server.lib.models import Job
call_command("migrate", verbosity=0)
Job.objects.create(kind="score", due_at=timezone.now(), created_at=timezone.now())
call_command("migrate", "lib", "0001", verbosity=0)
backup.write(Path(sys.argv[2]), now=timezone.now())
"""


@pytest.mark.thorough
def test_a_backup_of_an_earlier_version_is_restored_as_it_was_and_then_brought_up_to_date(
    apart: Apart, tmp_path: Path, instance: Callable[[str], Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, new = tmp_path / "earlier.zip", instance(connection.vendor)
    name = urlsplit(new.database).path.strip("/") or str(tmp_path / "earlier.sqlite3")
    with monkeypatch.context() as elsewhere:
        elsewhere.setitem(connection.settings_dict, "NAME", name)
        process = apart(EARLIER, str(path))
    assert process.wait(60) == 0
    told = new.stammkunde("restore", str(path), "--force")
    assert told.returncode == 0, told.stderr
    assert "lib.0002_job_kind" not in backup.verify(path).migrations
    assert new.stammkunde("backup", str(tmp_path / "now.zip")).returncode == 0
    assert "lib.0002_job_kind" in backup.verify(tmp_path / "now.zip").migrations
    assert len(rows(tmp_path / "now.zip")["lib_job"]) == 1


def test_a_name_that_leads_out_of_the_folder_of_uploads_is_not_written(now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    made = backup.write(path, now=now)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "evil.zip", "w") as target:
        for name in made.members:
            backup._add(target, made, name, [source.read(name)])
        backup._add(target, made, "uploads/../../evil", [b"!"])
        target.writestr("manifest.json", made.to_json())
    with pytest.raises(DataError, match="outside"):
        restore(tmp_path / "evil.zip", now=now, force=True)
    assert not (Path(settings.DATA).parent / "evil").exists()
