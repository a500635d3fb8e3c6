"""Mail sent by processes that are killed at every change of state, to a server of every temper: run by `make chaos`."""
