"""What networks remember, for people: tables, verdicts and figures from the probes' records."""
