"""Pages: for staff, and the archive for everybody."""
