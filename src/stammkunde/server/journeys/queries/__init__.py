"""Reads of flows and journeys."""
