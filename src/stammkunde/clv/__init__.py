"""DECIDE: what every customer will be worth, with an interval, and how far to trust it.

    from stammkunde.facts import read_orders, summarize
    from stammkunde.clv import fit

    history = summarize(read_orders("orders.csv"))
    model = fit(history)
    scores = model.predict(history, horizon="12m")

`fit` chooses the model by backtests on the shop's own past, or takes one by name. `backtest` shows how all of them did.
The models of order timing can be used alone: `BgNbd.fit(x, t_x, T)`. Contracts that are renewed or not are another
matter: `Sbg`; occasions that come round and are used or not: `BgBb`.

Arrow tables and numpy arrays come in and go out. It refuses to know files, engines and screens; only its report knows
HTML.
"""

from stammkunde.clv.backtest import Backtest, Trial, backtest
from stammkunde.clv.bg_bb import BgBb
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.family import transaction_model
from stammkunde.clv.fitting import fit, fit_counted, select
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.mbg_cnbd_k import BgCnbdK, MbgCnbdK
from stammkunde.clv.mbg_nbd import MbgNbd
from stammkunde.clv.nbd import Nbd
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.sbg import Sbg
from stammkunde.clv.select import Choice
from stammkunde.clv.transactions import TransactionModel
from stammkunde.clv.value import Interval, NewCustomer, ValueModel

__all__ = [
    "fit",
    "fit_counted",
    "ValueModel",
    "Interval",
    "NewCustomer",
    "Horizon",
    "backtest",
    "Backtest",
    "Trial",
    "select",
    "Choice",
    "transaction_model",
    "TransactionModel",
    "BgNbd",
    "MbgNbd",
    "ParetoNbd",
    "BgCnbdK",
    "MbgCnbdK",
    "Nbd",
    "GammaGamma",
    "BgBb",
    "Sbg",
]
