"""What params.yaml says: read strictly, and typed."""
