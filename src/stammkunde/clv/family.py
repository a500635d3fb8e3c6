"""The models of order timing by name: to add one, write its file and list it here."""

from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.mbg_cnbd_k import BgCnbdK, MbgCnbdK
from stammkunde.clv.mbg_nbd import MbgNbd
from stammkunde.clv.nbd import Nbd
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.transactions import TransactionModel
from stammkunde.errors import UnknownModelError

TRANSACTION_MODELS: dict[str, type[TransactionModel]] = {
    model.name: model for model in (BgNbd, MbgNbd, ParetoNbd, BgCnbdK, MbgCnbdK, Nbd)
}


def transaction_model(name: str) -> type[TransactionModel]:
    """The model class called `name`, in any case, with hyphens or underscores.

    Raises
    ------
    UnknownModelError : there is none; the advice lists those there are.
    """
    found = TRANSACTION_MODELS.get(name.lower().replace("_", "-"))
    if found is None:
        raise UnknownModelError(
            f"There is no model called {name!r}.",
            advice=f"Choose one of: auto, boost, {', '.join(TRANSACTION_MODELS)}.",
        )
    return found
