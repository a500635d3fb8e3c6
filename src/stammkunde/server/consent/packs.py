"""The matrix of bases as data: for each country's law, which basis may carry which purpose, and where that is written.

An owner may tighten it, or loosen it at the owner's own risk, which is logged (see `actions.ruling`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stammkunde.server.consent.bases import Basis
from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose

CONTRACT, REQUEST, CONSENT, EXISTING, OPT_OUT = Basis


@dataclass(frozen=True)
class Row:
    """What may carry a purpose, in the order in which it is looked for, and the law that says so."""

    bases: tuple[Basis, ...]
    source: str


@dataclass(frozen=True)
class Pack:
    """The rules of a country or region. `double_opt_in`: a consent counts once its address has confirmed it.
    `listed`: a list of those who want no advertising binds (the ECG list in Austria)."""

    key: str
    rows: Mapping[str, Row]
    double_opt_in: bool
    listed: bool = False


_SURVEYS = "BGH 10.07.2018, VI ZR 225/17"
_BOTH, _ALONE = (CONSENT, EXISTING), (CONSENT,)


def _rows(usual: Row, behaviour: Row, surveys: Row) -> dict[str, Row]:
    """A matrix: one row for advertising as such, one for carts and articles seen, one for surveys."""
    contract = Row((CONTRACT,), "Art. 6 (1) b GDPR")
    rows = dict.fromkeys(map(str, Purpose), usual) | dict.fromkeys(map(str, TRANSACTIONAL), contract)
    rows |= dict.fromkeys((str(Purpose.CART), str(Purpose.BROWSE)), behaviour)
    rows |= dict.fromkeys((str(Purpose.REVIEW), str(Purpose.SURVEY)), surveys)
    rows[Purpose.WITHDRAWAL] = Row((CONTRACT,), "§ 356a BGB; Directive (EU) 2023/2673")
    rows[Purpose.OPT_IN] = Row((REQUEST,), "BGH 10.02.2011, I ZR 164/09")
    rows[Purpose.REQUESTED] = Row((REQUEST,), "Art. 6 (1) b GDPR: asked for by the customer, once")
    return rows


def _european(law: str, behaviour: str, surveys: str) -> dict[str, Row]:
    return _rows(Row(_BOTH, law), Row(_ALONE, behaviour), Row(_ALONE, surveys))


_DE = _european("§ 7 (2) no. 2 and (3) UWG", "§ 7 (2) no. 2 UWG; without a sale (3) no. 1 fails", _SURVEYS)
_AT = _european("§ 174 (3) and (4) TKG 2021", "§ 174 (3) TKG 2021", "§ 174 (3) TKG 2021")
_CH = _european("Art. 3 (1) o UWG (CH); SLK 172/20", "Art. 3 (1) o UWG (CH)", "Art. 3 (1) o UWG (CH)")
_EU = _european("Art. 13 (1) and (2) Directive 2002/58/EC", "Art. 13 (1) Directive 2002/58/EC", _SURVEYS)
_US = _rows(*[Row((CONSENT, OPT_OUT), "15 U.S.C. § 7704 (CAN-SPAM)")] * 3)

PACKS: Mapping[str, Pack] = {
    "DE": Pack("DE", _DE, double_opt_in=True),
    "AT": Pack("AT", _AT, double_opt_in=True, listed=True),
    "CH": Pack("CH", _CH, double_opt_in=False),
    "EU": Pack("EU", _EU, double_opt_in=False),
    "US": Pack("US", _US, double_opt_in=False),
}


def pack_of(country: str, home: str) -> Pack:
    """The rules for somebody in a country (ISO 3166); where it is not known, those of the shop's own."""
    return PACKS.get(country.upper() or home.upper()) or PACKS["EU"]
