"""What a journey is, as data: read from the outside with advice, written again the same, checked as a whole."""
