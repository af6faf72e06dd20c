"""Classifiers, the engines that compute them, and their training."""
