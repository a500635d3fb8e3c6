"""Sets of rows: in at once, once each, the newer winning, the same on both databases."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from stammkunde.server.lib import bulk
from stammkunde.server.lib.models import Job
from stammkunde.server.shop.models import Order, Product, Source

ORDER = ("source_id", "external_id", "version", "number", "placed_at", "day", "currency", "gross", "total", *(
    "discount", "shipping", "uncosted", "other_cost", "refunded", "coupon", "channel", "country", "cart_token", "test",
))  # fmt: skip
PRODUCT = ("source_id", "external_id", "title", "category", "brand", "image", "url", "active", "version")


def products(source: Source, *rows: tuple[str, str, int], **how: Any) -> int:
    """Insert products: id, title, version."""
    full = [(source.pk, one, title, "", "", "", "", True, version) for one, title, version in rows]
    return bulk.insert(Product, PRODUCT, full, **how)


def there() -> dict[str, str]:
    return dict(Product.objects.values_list("external_id", "title"))


@pytest.mark.django_db
def test_many_rows_come_in_at_once(source: Source) -> None:
    count = products(source, *((str(n), f"Product {n}", 1) for n in range(bulk.ROWS + 10)))
    assert count == bulk.ROWS + 10 == Product.objects.count()


@pytest.mark.django_db
def test_none_at_all_is_no_trouble(source: Source) -> None:
    assert products(source) == 0
    assert products(source, key=("source_id", "external_id"), update=("title",)) == 0


@pytest.mark.django_db
def test_what_is_there_already_stays(source: Source) -> None:
    products(source, ("1", "Mug", 1))
    products(source, ("1", "Cup", 2), ("2", "Plate", 1), key=("source_id", "external_id"))
    assert there() == {"1": "Mug", "2": "Plate"}


@pytest.mark.django_db
def test_what_is_there_already_is_updated(source: Source) -> None:
    products(source, ("1", "Mug", 1))
    products(source, ("1", "Cup", 1), key=("source_id", "external_id"), update=("title",))
    assert there() == {"1": "Cup"}


@pytest.mark.django_db
def test_only_a_newer_row_takes_the_place_of_another(source: Source) -> None:
    how: dict[str, Any] = {"key": ("source_id", "external_id"), "update": ("title", "version"), "newer": "version"}
    for title, version in (("Mug", 5), ("Old mug", 4), ("Same age", 5), ("Cup", 6)):
        products(source, ("1", title, version), **how)
    assert there() == {"1": "Cup"}
    assert Product.objects.get().version == 6


@pytest.mark.django_db
def test_without_a_key_a_row_that_is_there_is_an_error_and_none_of_the_block_comes_in(source: Source) -> None:
    products(source, ("1", "Mug", 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        products(source, ("2", "Plate", 1), ("1", "Cup", 1))
    assert there() == {"1": "Mug"}


@pytest.mark.django_db
def test_inside_a_transaction_of_the_caller_it_can_all_be_taken_back(source: Source) -> None:
    with transaction.atomic():
        products(source, ("1", "Mug", 1), key=("source_id", "external_id"))
        products(source, ("2", "Plate", 1), key=("source_id", "external_id"))
        transaction.set_rollback(True)
    assert there() == {}


@pytest.mark.django_db
def test_traps_in_texts_and_bytes_go_in_as_they_are(source: Source) -> None:
    title = "Tab\tline\nback\\slash \\N \\. %s {x} 'quote' \"double\" 🙂"
    products(source, ("1", title, 1), key=("source_id", "external_id"), update=("title",))
    assert there() == {"1": title}


@pytest.mark.django_db
def test_a_moment_in_any_zone_is_the_same_moment_and_found_as_one_of_the_models(source: Source) -> None:
    berlin = timezone(timedelta(hours=1))
    moments = [
        datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 10, 0, 0, 5, tzinfo=berlin),
        datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC),
    ]
    rest = (0, 0, 0, 0, 0, "", "", "", "", False)
    rows = [(source.pk, str(n), 1, "", at, at.date(), "EUR", 5, 5, *rest) for n, at in enumerate(moments)]
    bulk.insert(Order, ORDER, rows)
    assert list(Order.objects.order_by("placed_at").values_list("placed_at", flat=True)) == moments
    assert Order.objects.filter(placed_at=moments[0]).count() == 1
    assert Order.objects.filter(placed_at__lte=moments[0]).count() == 1
    assert Order.objects.filter(placed_at__gt=moments[0]).count() == 2


@pytest.mark.django_db
def test_a_moment_in_raw_sql_compares_with_those_of_the_models(now: datetime) -> None:
    Job.objects.create(kind="score", due_at=now, created_at=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM lib_job WHERE due_at = %s AND due_at >= %s", [now, now])
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_json_is_handed_over_as_text(now: datetime) -> None:
    columns = (
        "kind",
        "key",
        "payload",
        "state",
        "due_at",
        "created_at",
        "worker",
        "attempts",
        "done",
        "doing",
        "error",
    )
    said = {"ä": ["\t", None, 1.5, {"deep": "\\"}]}
    bulk.insert(Job, columns, [("score", "", json.dumps(said), "waiting", now, now, "", 0, 0, "", "")])
    assert Job.objects.get().payload == said


@pytest.mark.django_db
def test_rows_come_from_a_generator_and_are_not_all_held(source: Source) -> None:
    drawn: list[int] = []

    def endless() -> Any:
        for n in range(3 * bulk.ROWS):
            drawn.append(n)
            if connection.vendor == "sqlite" and n == 2 * bulk.ROWS:
                assert Product.objects.count() == 2 * bulk.ROWS
            yield (source.pk, str(n), "", "", "", "", "", True, 1)

    assert bulk.insert(Product, PRODUCT, endless()) == len(drawn)
