"""Blanks around texts."""

import ibis.expr.types as ir

_BLANKS = "[\\s\u00a0]+"


def stripped(text: ir.StringValue) -> ir.StringValue:
    """The text without blanks around it.

    Not by `strip`: the SQL that Ibis 12 writes for Spark strips the letters v and f as well.
    """
    return text.re_replace(f"^{_BLANKS}|{_BLANKS}$", "")
