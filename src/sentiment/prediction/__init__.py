"""Raw text to a label, and why."""
