"""One figure per file: numbers of `ReportData` in, a drawing with its finding, its sentence and its table out."""

from stammkunde.clv.report.figures.alive import alive_map
from stammkunde.clv.report.figures.calibration import calibration_dots
from stammkunde.clv.report.figures.cohorts import value_curves
from stammkunde.clv.report.figures.concentration import lorenz_curve
from stammkunde.clv.report.figures.figure import Figure, Table
from stammkunde.clv.report.figures.groups import group_bars
from stammkunde.clv.report.figures.retention import retention_map
from stammkunde.clv.report.figures.second_order import return_curve
from stammkunde.clv.report.figures.tracking import tracking_lines

__all__ = [
    "Figure",
    "Table",
    "alive_map",
    "calibration_dots",
    "group_bars",
    "lorenz_curve",
    "retention_map",
    "return_curve",
    "tracking_lines",
    "value_curves",
]
