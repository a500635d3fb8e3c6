"""Faults in the words of a page."""

from django import template

from stammkunde.server.shop.queries.faults import told

register = template.Library()
register.filter("told", told)
