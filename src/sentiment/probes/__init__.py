"""What trained networks remember, measured on their weights."""
