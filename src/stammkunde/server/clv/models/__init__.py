"""The tables of value: what things cost, what was booked, runs of the library, and one prediction per customer."""

from stammkunde.server.clv.models.costs import Booking, Rates, Spend
from stammkunde.server.clv.models.runs import NextPrediction, Picture, Prediction, Run

__all__ = ["Booking", "NextPrediction", "Picture", "Prediction", "Rates", "Run", "Spend"]
