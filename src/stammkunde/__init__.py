"""Stammkunde: orders in, customer lifetime value out.

The main job in four lines::

    from stammkunde.facts import read_orders, summarize
    from stammkunde.clv import fit

    history = summarize(read_orders("orders.csv"))
    scores = fit(history).predict(history, horizon="12m")
"""

__version__ = "0.1.0"
