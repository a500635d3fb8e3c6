"""A folder whose modules register themselves: whoever asks for what is registered imports them all first."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules


@cache
def import_all(package: str) -> None:
    """Import every module of a package, once."""
    for each in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{each.name}")
