"""Chance that can be repeated: a number of a customer and a seed, the same in SQL on both databases and in Python.

x to the power of 5 modulo the prime 2^31 - 1 is a permutation (5 has no factor in common with 2^31 - 2), and far from
linear: what one seed puts side by side another scatters. All products stay below 2^63.
"""

import hashlib

PRIME = 2**31 - 1
SPREAD = 1_103_515_245  # numbers of neighbours begin far apart


def seed(*words: str) -> int:
    """A number that stands for words: the key of a journey, the id of a step."""
    return int.from_bytes(hashlib.sha256("\0".join(words).encode()).digest()[:4], "big") % PRIME


def drawn(number: int, by: int) -> int:
    """The draw of a number, from 0 to 2^31 - 2."""
    return pow((number % PRIME * SPREAD + by) % PRIME, 5, PRIME)


def drawn_sql(column: str, by: int) -> str:
    """The same in SQL."""
    x = f"(({column} %% {PRIME} * {SPREAD} + {by}) %% {PRIME})"
    square = f"({x} * {x} %% {PRIME})"
    return f"({square} * {square} %% {PRIME} * {x} %% {PRIME})"
