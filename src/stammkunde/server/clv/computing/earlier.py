"""What the model of today would have said on an earlier day, from what had been bought by then.

Its parameters are those of today, fitted on what came later too: a forecast of the past made so is somewhat better
informed than one made then. Who uses it says so.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction

from stammkunde.clv import ValueModel
from stammkunde.facts.history import History
from stammkunde.server.clv.computing import reading, scoring, writing
from stammkunde.server.clv.models import Prediction, Run
from stammkunde.server.clv.queries import rates
from stammkunde.server.clv.queries.runs import current
from stammkunde.server.lib import bulk
from stammkunde.server.lib.money import places
from stammkunde.server.shop.models import Customer


@dataclass(frozen=True)
class Earlier:
    """The record read once, with the model of the run that counts."""

    run: Run
    days: reading.Days
    model: ValueModel
    unit: float

    @classmethod
    def load(cls) -> "Earlier | None":
        """Read all of it; None where no run has a model, or its model asks what is not kept of earlier days."""
        run = current()
        model = ValueModel.from_json(run.saved) if run is not None and run.saved else None
        if run is None or model is None or model.covariates is not None:
            return None
        merged = Customer.objects.filter(merged_into__isnull=False).values_list("pk", flat=True)
        days = reading.read(run.until, rates.stated(), left_out=np.array(list(merged), dtype=np.int64))
        if days is None:
            return None
        return cls(run, days, model, float(10 ** places(run.currency)))

    def write(self, until: date) -> int:
        """Put predictions as of the end of a day in the place of those there are; how many customers have one."""
        first = self.days.table["day"].to_numpy().min()
        if np.datetime64(until) < first:
            return 0
        history = History.from_days(self.days.table, until=until, unit=scoring.UNIT)
        ahead = scoring.horizon(int(self.run.horizon[:-1]), until)
        scores = self.model.predict(history, ahead, discount=self.run.discount, intervals=False)
        for name in ("predicted_low", "predicted_high"):  # intervals cost more than all the rest, and no rule asks
            scores = scores.set_column(scores.column_names.index(name), name, scores["predicted_value"])
        table = writing.predictions(history, scores, unit=self.unit, run=self.run.pk)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {Prediction._meta.db_table}")
            bulk.insert(Prediction, writing.COLUMNS, writing.rows(table))
        return len(history)
