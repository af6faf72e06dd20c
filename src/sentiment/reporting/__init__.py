"""Tables, figures and pages, built from versioned records alone."""
