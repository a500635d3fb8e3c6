"""A run, step by step: read, fit, predict, draw, write. Imports the library; only the task imports this."""
