"""The commands of `sentiment`, a function each."""
