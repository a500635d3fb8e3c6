"""Where facts come from, one module for each kind of shop or tool; a module with a `KIND` is found by itself."""

import pkgutil
from functools import cache
from importlib import import_module

from stammkunde.errors import InputError
from stammkunde.server.shop.sources.base import Kind


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of source there is, by name."""
    modules = (import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__))
    found = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.title)}


def kind_of(name: str) -> Kind:
    """The kind of a name.

    Raises
    ------
    InputError : there is none of this name.
    """
    if name not in kinds():
        raise InputError(f"There is no source of the kind {name!r}.", advice=f"Choose one of {', '.join(kinds())}.")
    return kinds()[name]
