"""Much simpler models, from scikit-learn."""
