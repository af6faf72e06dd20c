"""Small matrix products for the recurrent loop, compiled by Numba.

For a batch times a layer's width a general library spends as long on getting ready as on the
product itself, and Numba does not keep code on disk that calls one. Each number of the result is
summed in the order of the inner dimension, every addition fused with its multiplication: so equal
bytes come of it whatever the width of the processor's vectors, and the widest that it has are used
for every `train.target`.

The micro-kernel holds a tile of the result in registers while the inner dimension goes by (Goto and
van de Geijn 2008, section 4).
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sentiment.scans.compiling import AVX512, HAS_AVX512, compiled, kept

# Numbers in a vector register of AVX2, and rows and vectors of a tile: with those of the operands
# they fill its sixteen registers. AVX-512 has twice as many, twice as wide.
LANES, ROWS, VECTORS = 8, 4, 3
WIDE_LANES, WIDE_ROWS = 16, 8
# For the tiles that use them, whatever the rest of the code is compiled for.
WIDE_FEATURES = ",".join(f"+{name}" for name in ("avx2", "fma", *AVX512))

FLOAT, INTEGER = ir.FloatType(), ir.IntType(64)


def _tile(rows: int, vectors: int, lanes: int) -> Callable[..., None]:
    """`rows` times `vectors * lanes` numbers of a product, from addresses and strides in bytes."""

    @intrinsic
    def tile(typing, a, a_row, a_column, b, b_row, c, c_row, depth):  # noqa: ARG001
        signature = types.void(*(types.int64 for _ in range(8)))

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
            builder.call(_function(builder.module, rows, vectors, lanes), arguments)
            return context.get_dummy_value()

        return signature, generate

    return tile


def _function(module: ir.Module, rows: int, vectors: int, lanes: int) -> ir.Function:
    """The machine's function for such a tile; a module has each once."""
    name = f"tile_{rows}_{vectors}_{lanes}"
    if name in module.globals:
        return module.globals[name]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [INTEGER] * 8), name)
    function.linkage = "internal"
    if lanes == WIDE_LANES:
        # llvmlite knows the names of LLVM's own attributes only, and writes what it has.
        set.add(function.attributes, f'"target-features"="{WIDE_FEATURES}"')
    _fill(ir.IRBuilder(function.append_basic_block("start")), function.args, rows, vectors, lanes)
    return function


def _fill(builder: Any, arguments: Iterable[Any], rows: int, vectors: int, lanes: int) -> None:
    """The loop over the inner dimension, with the tile's sums in registers."""
    a, a_row, a_column, b, b_row, c, c_row, depth = arguments
    vector = ir.VectorType(FLOAT, lanes)
    across = [INTEGER(4 * lanes * number) for number in range(vectors)]
    down, out = ([builder.mul(by, INTEGER(n)) for n in range(rows)] for by in (a_row, c_row))
    loop, end = (builder.append_basic_block(name) for name in ("loop", "end"))
    start = builder.block
    builder.branch(loop)
    builder.position_at_end(loop)
    step = builder.phi(INTEGER)
    sums = [[builder.phi(vector) for _ in across] for _ in down]
    columns, row = builder.mul(step, a_column), builder.mul(step, b_row)
    right = [_loaded(builder, vector, b, row, place) for place in across]
    added = []
    for place, line in zip(down, sums, strict=True):
        left = _spread(builder, vector, _loaded(builder, FLOAT, a, columns, place))
        added.append([_fused(builder, left, *pair) for pair in zip(right, line, strict=True)])
    following = builder.add(step, INTEGER(1))
    step.add_incoming(INTEGER(0), start)
    step.add_incoming(following, loop)
    for line, new in zip(sums, added, strict=True):
        for total, value in zip(line, new, strict=True):
            total.add_incoming(ir.Constant(vector, [0.0] * lanes), start)
            total.add_incoming(value, loop)
    builder.cbranch(builder.icmp_signed("<", following, depth), loop, end)
    builder.position_at_end(end)
    for line, new in zip(out, added, strict=True):
        for place, value in zip(across, new, strict=True):
            builder.store(value, _pointer(builder, vector, c, line, place)).align = 4
    builder.ret_void()


def _pointer(builder: Any, kind: Any, address: Any, *offsets: Any) -> Any:
    for offset in offsets:
        address = builder.add(address, offset)
    return builder.inttoptr(address, kind.as_pointer())


def _loaded(builder: Any, kind: Any, *place: Any) -> Any:
    value = builder.load(_pointer(builder, kind, *place))
    value.align = 4
    return value


def _spread(builder: Any, vector: Any, value: Any) -> Any:
    """`value` in every lane."""
    undefined = ir.Constant(vector, ir.Undefined)
    one = builder.insert_element(undefined, value, ir.IntType(32)(0))
    first = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(one, undefined, first)


def _fused(builder: Any, left: Any, right: Any, total: Any) -> Any:
    """`left * right + total`, rounded once."""
    kind = left.type
    name = f"llvm.fma.v{kind.count}f32"
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, ir.FunctionType(kind, [kind] * 3), name
    )
    return builder.call(function, [left, right, total])


@intrinsic
def _address(typing, array):  # noqa: ARG001
    """Where an array's first number stands: not its `ctypes`, which Numba does not keep on disk."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, (values,) = signature.args[0], arguments
        return builder.ptrtoint(context.make_array(kind)(context, builder, values).data, INTEGER)

    return types.int64(array), generate


def _tiled(rows: int, lanes: int) -> Callable[..., None]:
    """A product in tiles of `rows` times VECTORS vectors, for `lanes` columns or more."""
    tile, slim = _tile(rows, VECTORS, lanes), _tile(rows, 1, lanes)
    tile_row, slim_row = _tile(1, VECTORS, lanes), _tile(1, 1, lanes)
    broad = VECTORS * lanes

    @compiled
    def product(a, b, c):
        height, depth, width = len(a), a.shape[1], b.shape[1]
        from_a, a_row, a_column = _address(a), a.strides[0], a.strides[1]
        from_b, b_row, to_c, c_row = _address(b), b.strides[0], _address(c), c.strides[0]
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
                    tile(left, a_row, a_column, right, b_row, out, c_row, depth)
                elif height >= rows:
                    slim(left, a_row, a_column, right, b_row, out, c_row, depth)
                elif is_broad:
                    tile_row(left, a_row, a_column, right, b_row, out, c_row, depth)
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
