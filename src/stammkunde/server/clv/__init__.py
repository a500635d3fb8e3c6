"""DECIDE: cost rates, the contribution ledger, runs of the library, one prediction per customer, cohorts, what-if.

Writes predictions and the quality of each run. Refuses to compute models itself: the library does.
"""
