"""What pages of the room call."""
