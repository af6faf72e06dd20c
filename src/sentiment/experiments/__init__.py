"""Trainings beside the table: on other words, vectors and splits, and on folds."""
