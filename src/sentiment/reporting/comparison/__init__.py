"""What stage `compare` writes."""
