"""The page `reports/index.html`: sections in markdown, and a template that needs no network."""
