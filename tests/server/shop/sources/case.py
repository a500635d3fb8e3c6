"""What the shared suite needs to know of a kind of source: how its shop writes an order, and how it signs."""

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

HERE = Path(__file__).parent
MORNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """An order as a test wants it told; the case writes it as its shop would."""

    key: str = "1001"
    placed: datetime = MORNING
    changed: datetime = MORNING
    total: Decimal = Decimal("29.90")  # of goods and shipping together, VAT inside
    shipping: Decimal = Decimal("4.90")
    currency: str = "EUR"
    name: str = "Anna Alt"
    email: str = "anna@example.com"
    account: str = "7"  # empty for a guest
    title: str = "Teekanne"
    company: str = ""
    cancelled: bool = False
    test: bool = False


class Case(ABC):
    """One kind under test. A file `case_<kind>.py` beside this one has a `CASE`."""

    kind: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    secrets: ClassVar[Mapping[str, str]] = {}
    topic: ClassVar[str]  # of an order that was changed
    knows_tests: ClassVar[bool] = False  # whether its shop marks orders that are only tests
    knows_guests: ClassVar[bool] = True

    @abstractmethod
    def order(self, told: Told) -> Any:
        """The order as `Kind.facts` gets it."""

    @abstractmethod
    def bare(self, told: Told) -> Any:
        """The same with nothing that may be missing."""

    def send(self, topic: str, payload: Any, *, key: str, secret: str | None = None) -> tuple[dict[str, str], bytes]:
        """Headers and body of a signed delivery; `secret` another one than the source's. Only for kinds that hear."""
        raise NotImplementedError

    def real(self, shared: Path) -> Iterable[tuple[str, Any]]:
        """Topics and payloads of real orders, customers and so on in ../shared/data/shop_payloads."""
        del shared
        return ()


def case_of(kind: str) -> Case | None:
    """The case of a kind, if there is a file of it."""
    path = HERE / f"case_{kind}.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"case_{kind}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Case = module.CASE
    return found
