"""Money as whole numbers of the smallest unit with its currency code (ISO 4217), never as a float."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

#: Decimal places of currencies that have not two. Source: ISO 4217, list one.
PLACES = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
LARGEST = 10**15  # of the smallest unit: ten trillion euros


def places(currency: str) -> int:
    """Decimal places of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return PLACES.get(currency.upper(), 2)


def minor(amount: str | float | Decimal | None, currency: str) -> int:
    """An amount in major units, as a shop writes it, in the smallest unit; None and empty text are 0.

    Raises
    ------
    ValueError : it is no amount, or beyond ten trillion.
    """
    if amount is None or amount == "":
        return 0
    try:
        value = Decimal(str(amount).strip())
        scaled = value.scaleb(places(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    except ArithmeticError as error:  # also 1e999999999, which is a number
        raise ValueError(f"{amount!r} is no amount of money.") from error
    if not (scaled.is_finite() and abs(scaled) <= LARGEST):
        raise ValueError(f"{amount!r} is more money than there is.")
    return int(scaled)


def major(amount: int, currency: str) -> Decimal:
    """An amount of the smallest unit in major units, exactly."""
    return Decimal(amount).scaleb(-places(currency))


def share(amount: int, basis_points: int) -> int:
    """So many hundredths of a per cent of an amount, rounded half to even: the two signs round alike."""
    return int((Decimal(amount) * basis_points / 10_000).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
