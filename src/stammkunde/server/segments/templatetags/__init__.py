"""What templates of this room and of pages above it need."""
