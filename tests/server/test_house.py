"""The order of the rooms, where no import linter looks: keys between tables, back doors, what a start loads."""

import ast
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from instances import SOURCE

SERVER = SOURCE / "stammkunde" / "server"


def rooms() -> list[set[str]]:
    """Rooms as `.importlinter` orders them, from the ground up; those on one line are strangers."""
    said = ConfigParser()
    said.read(SOURCE.parent / ".importlinter")
    lines = said["importlinter:contract:rooms"]["layers"].split("\n")
    return [set(line.replace("|", ":").replace(" ", "").split(":")) for line in reversed(lines) if line.strip()]


LEVEL = {room: level for level, some in enumerate(rooms()) for room in some}
MODULES = sorted(path for path in SERVER.rglob("*.py") if "migrations" not in path.parts)
#: What a room keeps to itself. Its actions, queries and models are for others too.
PRIVATE = {"views", "forms", "urls", "api", "tasks"}


def room_of(path: Path) -> str:
    """The room a module lies in; the modules beside the rooms are rooms of their own."""
    return path.relative_to(SERVER).parts[0].removesuffix(".py")


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("stammkunde.")]


def test_every_room_is_in_the_order() -> None:
    configs = [config for config in apps.get_app_configs() if config.name.startswith("stammkunde.server.")]
    assert [config.label for config in configs if config.label not in LEVEL] == []


def test_keys_between_tables_obey_the_order_of_the_rooms() -> None:
    wrong = []
    for model in our_models():
        for field in model._meta.get_fields(include_hidden=True):
            target = field.related_model
            if not (field.concrete and isinstance(target, type) and target.__module__.startswith("stammkunde.")):
                continue
            here, there = model._meta.app_label, target._meta.app_label
            if here != there and LEVEL[there] >= LEVEL[here]:
                wrong.append(f"{model._meta.label}.{field.name} points to {target._meta.label}")
    assert wrong == []


def test_a_room_says_what_lives_in_it_what_it_writes_and_what_it_refuses_to_know() -> None:
    configs = [config for config in apps.get_app_configs() if config.name.startswith("stammkunde.server.")]
    mute = []
    for config in configs:
        told = ast.get_docstring(ast.parse((Path(config.path) / "__init__.py").read_text(encoding="utf-8"))) or ""
        if len(told.splitlines()) < 2 or "Refuses" not in told or not type(config).__doc__:
            mute.append(config.label)
    assert mute == []


def imports(path: Path) -> list[tuple[str, str]]:
    """Module and name of every import of the server in a module, those inside functions included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stammkunde.server."):
            found += [(str(node.module), each.name) for each in node.names]
        elif isinstance(node, ast.Import):
            found += [(each.name, "") for each in node.names if each.name.startswith("stammkunde.server.")]
    return found


def test_no_room_comes_through_the_back_door_of_another() -> None:
    wrong = []
    for path in MODULES:
        if len(path.relative_to(SERVER).parts) == 1:
            continue  # urls.py and api.py put the rooms together: that is what they are for
        for module, name in imports(path):
            parts = module.split(".")[2:]
            if parts[0] == room_of(path):
                continue
            inside = [*parts[1:], name]
            if any(part.startswith("_") or part in PRIVATE for part in inside):
                wrong.append(f"{path.relative_to(SERVER)}: {module}.{name}")
    assert wrong == []


def test_no_signal_between_our_rooms_and_no_key_by_a_name_nobody_checks() -> None:
    words = ("django.dispatch", "models.signals", "get_model(", "GenericForeignKey")
    found = [
        f"{path.relative_to(SERVER)}: {word}"
        for path in MODULES
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


LOAD = """
import sys, stammkunde.server.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(*{name.split(".")[0] for name in sys.modules})
"""


def test_a_web_process_starts_without_engines_and_statistics(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(SOURCE), "PATH": "", "STAMMKUNDE_DATA": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOAD], env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert {"duckdb", "ibis", "pandas", "scipy", "lightgbm", "pyspark"} & set(told.stdout.split()) == set()


@pytest.mark.parametrize("kind", ["templates", "static", "locale"])
def test_what_a_page_needs_lies_under_the_name_of_its_room(kind: str) -> None:
    if kind == "locale":
        strange = [path for path in SERVER.glob("*/locale/*") if path.name not in {"de", "en"}]
    else:
        strange = [path for path in SERVER.glob(f"*/{kind}/*") if path.name not in LEVEL and path.is_dir()]
        strange = [path for path in strange if path.name not in {"account", "allauth", "mfa", "registration"}]
    assert [str(path.relative_to(SERVER)) for path in strange] == []
