"""Pages of the room: all segments and states, one segment, the editor, files."""
