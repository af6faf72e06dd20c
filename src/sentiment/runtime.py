"""How a process that trains uses its machine: threads, memory, and whether XLA is there."""

import ctypes
import functools
import logging
import os
import sys

# Numbers of glibc's malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3


def configure(threads: int) -> None:
    """Fix the number of threads and keep freed memory; call it before the first computation.

    Results are equal bytes only for an equal number of threads. RuntimeError if TensorFlow has
    already started with another number.
    """
    keep_freed_memory()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    eigen = f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {eigen}".strip()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def keep_freed_memory() -> None:
    """Let the C library reuse the large buffers of a step instead of returning them.

    Otherwise the kernel takes them back after each step and clears them again for the next,
    which costs as much as the arithmetic. Does nothing where the C library is not glibc.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 1 << 30)
        mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(_TOP_PAD, 1 << 26)


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
