"""What the pages of the room show, and what the Start page is put together from."""
