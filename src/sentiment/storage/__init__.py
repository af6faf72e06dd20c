"""Files that are whole or not there, and reviews as token ids."""
