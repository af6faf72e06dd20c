"""Keeps what libraries say of themselves from a person who asked for something else."""

import os

# Read when TensorFlow is imported. That oneDNN is on it says before any level counts, so oneDNN is
# off: Numba computes the networks, and TensorFlow draws their first weights, without oneDNN.
TENSORFLOW = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "1"}
# What a library will drop is for tests to tell, not for a person who runs a stage.
STAGE = TENSORFLOW | {"PYTHONWARNINGS": "ignore::DeprecationWarning"}

# Set in the environment of the stages that `sentiment run` starts; this is its value where another
# machine runs them.
RUNNER, ELSEWHERE = "SENTIMENT_RUNNER", "elsewhere"


def silence_tensorflow() -> None:
    """Let TensorFlow and progress bars say nothing; call it before they are imported."""
    os.environ |= {**TENSORFLOW, "TQDM_DISABLE": "1"}
