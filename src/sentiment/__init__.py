"""Recurrent networks on movie reviews, compared reproducibly."""

import os

# TensorFlow reads it when it is first imported, and says a page about itself otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
