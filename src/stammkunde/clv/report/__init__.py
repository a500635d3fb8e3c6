"""The report: one HTML file that says what the customers of a shop are worth, and how far to trust it.

Lives here: its figures and sentences, in German and English. `collect` gathers the numbers of a shop into `ReportData`,
`render` turns them into a page that needs no network. Refuses to know where orders come from and how models work.
"""

from stammkunde.clv.report.data import ReportData
from stammkunde.clv.report.page import render

__all__ = ["ReportData", "render"]
