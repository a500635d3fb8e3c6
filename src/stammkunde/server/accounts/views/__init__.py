"""Pages of staff: their own, and those of the settings."""
