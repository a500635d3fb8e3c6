"""Pages that combine rooms: start, customers, one customer."""
