"""What is read: audiences, progress, evidence, results, the archive."""
