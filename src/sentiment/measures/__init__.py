"""What one cell scores."""
