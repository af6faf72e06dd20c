"""Stock Keras on TensorFlow, as the lesson has it.

"auto" leaves XLA out here, rightly: compiled, a step of rnn-50 took 356 ms instead of 45.
"""

from typing import ClassVar

from implementations.keras_layers import KerasSolver
from inputs import Inputs


class Solver(KerasSolver):
    """`train_on_batch` on TensorFlow with one thread."""

    requires = ("tensorflow", "keras")
    environment: ClassVar[dict[str, str]] = {"KERAS_BACKEND": "tensorflow"}

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """Fix the threads before TensorFlow starts."""
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        super().__init__(architecture, units, inputs)
