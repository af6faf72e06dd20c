"""Stock Keras on JAX, where "auto" compiles the whole step."""

from typing import ClassVar

from implementations.keras_layers import KerasSolver


class Solver(KerasSolver):
    """`train_on_batch` on JAX."""

    requires = ("jax", "keras")
    environment: ClassVar[dict[str, str]] = {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    }
