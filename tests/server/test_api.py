"""The API as a whole: described, and closed."""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_description_names_every_operation_and_who_may_ask() -> None:
    answer = Client().get("/openapi.json")
    assert answer.status_code == 200
    found = json.loads(answer.content)
    assert found["openapi"].startswith("3.1")
    operations = [(path, verb, each) for path, ways in found["paths"].items() for verb, each in ways.items()]
    assert ("/api/v1/customers", "get") in {(path, verb) for path, verb, _ in operations}
    assert [(path, verb) for path, verb, each in operations if not each.get("security")] == []
    assert [(path, verb) for path, verb, each in operations if not each.get("description")] == []
