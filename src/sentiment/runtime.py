"""How a process that trains uses its machine: its threads, and whether there is an accelerator."""

import functools
import logging

from threadpoolctl import threadpool_limits


def configure(threads: int) -> None:
    """Fix the number of threads; call it before the first computation.

    Results are equal bytes only for an equal number of threads. RuntimeError if TensorFlow has
    already started with another number.
    """
    import scipy.linalg  # noqa: F401 (Numba multiplies with its library)
    import tensorflow as tf

    threadpool_limits(threads)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


@functools.cache
def accelerated() -> bool:
    """Whether stock Keras layers train and read here, since TensorFlow has an accelerator.

    A warning says so once.
    """
    import tensorflow as tf

    for kind in ("GPU", "TPU"):
        if tf.config.list_logical_devices(kind):
            logging.getLogger(__name__).warning("stock Keras layers are used: a %s is here", kind)
            return True
    return False
