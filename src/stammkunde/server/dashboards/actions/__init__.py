"""What the room puts together in the background: customers on shelves, and the Start page of the day."""
