"""What commands print of predictions and sentences."""
