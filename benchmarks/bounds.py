"""The arithmetic that no implementation of a step gets around, at the speed this core has for it.

Counted are the matrix products of one training step on one batch, each timed in its own shape with
NumPy's BLAS on one thread: the projection of each distinct word and the gradient of its kernel
(the vectors are frozen), and for each direction the recurrent product of every step, the same
product backwards, and the gradient of the recurrent kernel. Not counted are the read-out (a few
per cent at most), the pointwise functions, dropout, the optimizer and all movement of memory.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

GATES = {"rnn": 1, "lstm": 4, "gru": 3}
REPEATS = 5


class Product(NamedTuple):
    """`steps` products one after another, of [directions, rows, inner] and [.., inner, columns]."""

    steps: int
    directions: int
    rows: int
    inner: int
    columns: int

    @property
    def flop(self) -> int:
        """A multiplication and an addition for each triple."""
        return 2 * self.steps * self.directions * self.rows * self.inner * self.columns


def products(architecture: str, units: int, data: dict[str, Any]) -> list[Product]:
    """What a step must multiply; `data` as `inputs.describe` has it."""
    directions = 2 if architecture.startswith("bi") else 1
    gates = GATES[architecture.removeprefix("bi")] * units
    batch, length, words = data["batch"], data["length"], round(data["distinct_words_mean"])
    return [
        Product(1, 1, words, data["dimensions"], directions * gates),
        Product(1, 1, data["dimensions"], words, directions * gates),
        Product(length, directions, batch, units, gates),
        Product(length, directions, batch, gates, units),
        Product(1, directions, units, batch * length, gates),
    ]


def bound(architecture: str, units: int, data: dict[str, Any]) -> dict[str, Any]:
    """MFLOP of a step, GFLOP/s of this core on its products, and the milliseconds that makes."""
    counted = products(architecture, units, data)
    flop, seconds = sum(product.flop for product in counted), sum(map(measure, counted))
    return {
        "architecture": architecture,
        "units": units,
        "mflop": flop / 1e6,
        "gflops": flop / seconds / 1e9,
        "ms": seconds * 1e3,
    }


def best_rate() -> float:
    """GFLOP/s of one thread on a square product that suits it."""
    square = Product(1, 1, 1024, 1024, 1024)
    return square.flop / measure(square) / 1e9


def measure(product: Product) -> float:
    """Seconds, the best of a few repetitions."""
    steps, directions, rows, inner, columns = product
    random = np.random.default_rng(0)
    left = random.standard_normal((steps, directions, rows, inner), np.float32)
    right = random.standard_normal((directions, inner, columns), np.float32)
    out = np.empty((directions, rows, columns), np.float32)

    def multiply() -> None:
        for each in left:
            np.matmul(each, right, out=out)

    with threadpool_limits(1):
        return min(_seconds(multiply) for _ in range(1 + REPEATS))


def _seconds(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
