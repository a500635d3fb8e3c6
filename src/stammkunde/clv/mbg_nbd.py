"""MBG/NBD: as the BG/NBD, but a customer may be lost right after the first order too.

Batislam, Denizel, Filiztekin (2007), Empirical validation and comparison of models for customer base analysis,
International Journal of Research in Marketing 24(3), 201-209; Hoppe, Wagner (2007), Marketing ZFP JRM 3(2), 75-90.
"""

import numpy as np

from stammkunde.clv.bg_nbd import BgNbd


class MbgNbd(BgNbd):
    """MBG/NBD with parameters r, alpha (time), a, b: one-time buyers are not alive for ever."""

    name = "mbg-nbd"
    source = "Batislam, Denizel, Filiztekin (2007)"
    pooled = ((np.log(0.7), 1.0), (np.log(70.0), 1.5), (np.log(0.8), 1.0), (np.log(1.6), 1.0))
    caveat = None
    coins = 1
