"""A page that runs trained networks in the reader's browser."""
