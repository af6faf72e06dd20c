"""Other machines that run stages: what is sent to them, what they do, and what comes back."""
