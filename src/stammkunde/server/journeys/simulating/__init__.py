"""A journey over the shop's own past: the same engine as live, on shadows of its tables and a clock that is set."""
