"""What happens in the room: facts are filled, states found, segments computed, kept, exported and begun with."""
