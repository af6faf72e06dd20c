"""Small matrix products for the recurrent loop, compiled by Numba.

For a batch times a layer's width a general library spends as long on getting ready as on the
product itself, and Numba does not keep code on disk that calls one. Each number of the result is
summed in one order (`scans.tiles`): so equal bytes come of it whatever the width of the processor's
vectors, and the widest that it has are used for every `train.target`.
"""

from collections.abc import Callable

import numpy as np

from sentiment.scans.compiling import HAS_AVX512, compiled, kept
from sentiment.scans.tiles import WIDE_LANES, address, tile

# Numbers in a vector register of AVX2, and rows and vectors of a tile: with those of the operands
# they fill its sixteen registers. AVX-512 has twice as many, twice as wide.
LANES, ROWS, VECTORS = 8, 4, 3
WIDE_ROWS = 8


def _tiled(rows: int, lanes: int) -> Callable[..., None]:
    """A product in tiles of `rows` times VECTORS vectors, for `lanes` columns or more."""
    full, slim = tile(rows, VECTORS, lanes), tile(rows, 1, lanes)
    full_row, slim_row = tile(1, VECTORS, lanes), tile(1, 1, lanes)
    broad = VECTORS * lanes

    @compiled
    def product(a, b, c):
        height, depth, width = len(a), a.shape[1], b.shape[1]
        from_a, a_row, a_column = address(a), a.strides[0], a.strides[1]
        from_b, b_row, to_c, c_row = address(b), b.strides[0], address(c), c.strides[0]
        # Where too few rows or columns are left for a tile, some of those before come again.
        for block in range(0, height, rows if height >= rows else 1):
            top = min(block, height - rows) if height >= rows else block
            left = from_a + top * a_row
            column = 0
            while column < width:
                is_broad = column + broad <= width
                start = column if is_broad else min(column, width - lanes)
                right, out = from_b + 4 * start, to_c + top * c_row + 4 * start
                if height >= rows and is_broad:
                    full(left, a_row, a_column, right, b_row, out, c_row, depth)
                elif height >= rows:
                    slim(left, a_row, a_column, right, b_row, out, c_row, depth)
                elif is_broad:
                    full_row(left, a_row, a_column, right, b_row, out, c_row, depth)
                else:
                    slim_row(left, a_row, a_column, right, b_row, out, c_row, depth)
                column += broad if is_broad else lanes

    return product


_by_sixteen, _by_eight, _by_one = (
    _tiled(WIDE_ROWS, WIDE_LANES),
    _tiled(ROWS, LANES),
    _tiled(ROWS, 1),
)


@compiled
def multiply(a, b, c):
    """Fill `c` [M, N] with the product of `a` [M, K] and `b` [K, N], K at least 1; float32.

    The rows of `b` and `c` are contiguous; `a` may be transposed.
    """
    if HAS_AVX512 and b.shape[1] >= WIDE_LANES:
        _by_sixteen(a, b, c)
    elif b.shape[1] >= LANES:
        _by_eight(a, b, c)
    else:
        _by_one(a, b, c)


@kept
def fill_product(a, b, c):
    """`multiply`, to be called by Python; zeros fill a narrow `b` up to a vector's width.

    With many rows in `a` that takes less than tiles of single numbers do, and gives equal bytes.
    """
    width = b.shape[1]
    right, out = b, c
    if width < LANES:
        right = np.zeros((len(b), LANES), np.float32)
        right[:, :width] = b
        out = np.empty((len(a), LANES), np.float32)
    multiply(a, right, out)
    if width < LANES:
        c[:] = out[:, :width]
