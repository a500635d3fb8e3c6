"""What happens to newsletters."""
