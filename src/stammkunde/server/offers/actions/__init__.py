"""What happens to pools and codes."""
