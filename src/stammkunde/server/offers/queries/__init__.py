"""Reads of pools, and what suits whom."""
