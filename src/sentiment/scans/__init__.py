"""Recurrent layers forward and back through time, compiled by Numba."""
