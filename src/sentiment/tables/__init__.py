"""From a table of texts and labels, as people have it, to reviews."""
