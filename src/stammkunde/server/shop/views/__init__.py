"""Pages of the room: sources, and files of orders."""
