"""Killing processes at random points, and counting afterwards: run by `make faults`."""
