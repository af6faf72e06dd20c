"""How a process that computes uses its machine: its threads, and for which processor."""

import platform
from typing import Literal

from threadpoolctl import threadpool_info, threadpool_limits

from sentiment.errors import UserError

Target = Literal["portable", "native"]
# OpenBLAS' and Numba's name for processors with AVX2 and fused multiplication and addition.
PORTABLE = "haswell"
# The C library keeps the memory of large arrays that are freed: to fault their pages in again at
# every step takes a twentieth of it. Read where glibc is, without meaning elsewhere.
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
}


def environment(target: Target) -> dict[str, str]:
    """What a process must find in its environment when it starts, to compute for `target`.

    `portable`: equal bytes on every x86-64 processor with AVX2, since OpenBLAS' kernels, Numba's
    instructions and NumPy's are those of Haswell. `native`: whatever suits the processor at hand.
    Other kinds of processors have one way to compute.
    """
    if target == "native" or platform.machine().lower() not in ("x86_64", "amd64"):
        return ALLOCATOR
    return ALLOCATOR | {
        "OPENBLAS_CORETYPE": PORTABLE,
        "NUMBA_CPU_NAME": PORTABLE,
        "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+movbe,+popcnt",
        "NPY_DISABLE_CPU_FEATURES": " ".join(_beyond_avx2()),
    }


def configure(threads: int) -> None:
    """Fix the number of threads; call it before the first computation.

    Results are equal bytes only for an equal number of threads. `configure_tensorflow` does the
    same for TensorFlow, where that is used.
    """
    import scipy.linalg  # noqa: F401 (Numba multiplies with its library)

    threadpool_limits(threads)


def configure_tensorflow(threads: int) -> None:
    """Fix the number of TensorFlow's threads; RuntimeError if it has started with another."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def check(target: Target) -> None:
    """Raise UserError where this process does not compute for `target`; after `configure`."""
    wanted = environment(target).get("OPENBLAS_CORETYPE")
    kernels = {info["architecture"].lower() for info in threadpool_info() if "architecture" in info}
    if wanted and kernels != {wanted}:
        raise UserError(
            f"train.target: portable, but OpenBLAS uses its kernels for {', '.join(kernels)}: "
            "start the stage with `sentiment run` or `dvc repro`, or, for a processor without "
            "AVX2, set train.target to native in params.yaml"
        )


def _beyond_avx2() -> list[str]:
    """What NumPy would use of this processor that others lack."""
    from numpy._core._multiarray_umath import (
        __cpu_dispatch__ as dispatched,
    )
    from numpy._core._multiarray_umath import (
        __cpu_features__ as here,
    )

    return [name for name in dispatched if name.startswith(("AVX512", "X86_V4")) and here.get(name)]
