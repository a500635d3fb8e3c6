"""Pages of the room, and those that anybody with a link sees."""
