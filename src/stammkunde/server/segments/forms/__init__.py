"""The editor without the pages: a rule as somebody types it, slot by slot, and as the language keeps it."""
