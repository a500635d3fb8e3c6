"""What happens to journeys and to the people on them, by the hand of staff."""
