"""From a mail as it was written to the bytes that leave: read, compiled for each voice, rendered for each person."""
