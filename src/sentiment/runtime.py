"""How a process that trains uses its machine: its threads, and whether XLA is there."""

import functools
import logging
import os


def configure(threads: int) -> None:
    """Fix the number of threads; call it before the first computation.

    Results are equal bytes only for an equal number of threads. RuntimeError if TensorFlow has
    already started with another number.
    """
    eigen = f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {eigen}".strip()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


@functools.cache
def compiled() -> bool:
    """Whether the scans of `recurrent` run here: XLA is present, and no accelerator is.

    Stock Keras layers serve otherwise, which a warning says once.
    """
    import tensorflow as tf

    if tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("TPU"):
        reason = "an accelerator is present"
    else:
        try:
            tf.function(lambda x: x + x, jit_compile=True)(tf.constant(1.0))
            return True
        except (tf.errors.OpError, ValueError) as error:
            reason = f"XLA does not compile here ({str(error).splitlines()[0]})"
    logging.getLogger(__name__).warning("stock Keras layers are used: %s", reason)
    return False
