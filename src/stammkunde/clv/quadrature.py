"""Nodes and weights for the integrals of this room, computed once."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@cache
def legendre(nodes: int) -> tuple[Array, Array]:
    """Gauss-Legendre on (0, 1): `nodes` points and weights that sum to one."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    return (x + 1) / 2, w / 2


@cache
def panels(first: float = 1e-3, last: float = 4096.0, growth: float = 2.5, nodes: int = 8) -> tuple[Array, Array]:
    """Composite Gauss-Legendre on (0, last) in panels that grow geometrically from `first`.

    Exact to about twelve digits for integrands that fall like exp(-v) near zero, however slowly they fall later.
    """
    count = int(np.ceil(np.log(last / first) / np.log(growth)))
    edges = np.concatenate([[0.0], first * growth ** np.arange(count + 1)])
    x, w = legendre(nodes)
    width = np.diff(edges)
    return (edges[:-1, None] + width[:, None] * x).ravel(), (width[:, None] * w).ravel()
