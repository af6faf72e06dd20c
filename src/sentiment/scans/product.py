"""Small matrix products for the recurrent loop, compiled by Numba.

For a batch times a layer's width a general library spends as long on getting ready as on the
product itself, and Numba does not keep code on disk that calls one. Each number of the result is
summed in the order of the inner dimension, every addition fused with its multiplication: so equal
bytes come of it whatever the width of the processor's vectors.

The micro-kernel holds a tile of the result in registers while the inner dimension goes by (Goto and
van de Geijn 2008, section 4).
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sentiment.scans.compiling import compiled

# Numbers in a vector register of AVX2, and rows and vectors of a tile: with those of the operands
# they fill its sixteen registers.
LANES, ROWS, VECTORS = 8, 4, 3

FLOAT, INTEGER = ir.FloatType(), ir.IntType(64)


def _tile(rows: int, vectors: int, lanes: int) -> Callable[..., None]:
    """`rows` times `vectors * lanes` numbers of a product, from addresses and strides in bytes."""

    @intrinsic
    def tile(typing, a, a_row, a_column, b, b_row, c, c_row, depth):  # noqa: ARG001
        signature = types.void(*(types.int64 for _ in range(8)))
        vector = ir.VectorType(FLOAT, lanes)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
            a, a_row, a_column, b, b_row, c, c_row, depth = arguments

            def at(address: Any, kind: Any, *offsets: Any) -> Any:
                for offset in offsets:
                    address = builder.add(address, offset)
                return builder.inttoptr(address, kind.as_pointer())

            def places(stride: Any, count: int) -> list[Any]:
                return [builder.mul(stride, INTEGER(number)) for number in range(count)]

            across = [INTEGER(4 * lanes * number) for number in range(vectors)]
            down, out = places(a_row, rows), places(c_row, rows)
            start, loop = builder.block, builder.append_basic_block("loop")
            end = builder.append_basic_block("end")
            builder.branch(loop)
            builder.position_at_end(loop)
            step = builder.phi(INTEGER)
            sums = [[builder.phi(vector) for _ in across] for _ in down]
            columns, row = builder.mul(step, a_column), builder.mul(step, b_row)
            right = [builder.load(at(b, vector, row, place)) for place in across]
            for loaded in right:
                loaded.align = 4
            added = []
            for place, line in zip(down, sums, strict=True):
                value = builder.load(at(a, FLOAT, columns, place))
                one = builder.insert_element(
                    ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0)
                )
                nowhere = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
                left = builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), nowhere)
                added.append(
                    [_fused(builder, left, *pair) for pair in zip(right, line, strict=True)]
                )
            following = builder.add(step, INTEGER(1))
            step.add_incoming(INTEGER(0), start)
            step.add_incoming(following, loop)
            for line, new in zip(sums, added, strict=True):
                for total, value in zip(line, new, strict=True):
                    total.add_incoming(ir.Constant(vector, [0.0] * lanes), start)
                    total.add_incoming(value, loop)
            builder.cbranch(builder.icmp_signed("<", following, depth), loop, end)
            builder.position_at_end(end)
            for place, new in zip(out, added, strict=True):
                for offset, value in zip(across, new, strict=True):
                    builder.store(value, at(c, vector, place, offset)).align = 4
            return context.get_dummy_value()

        return signature, generate

    return tile


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


_wide, _narrow = _tile(ROWS, VECTORS, LANES), _tile(ROWS, 1, LANES)
_wide_row, _narrow_row = _tile(1, VECTORS, LANES), _tile(1, 1, LANES)
_wide_thin, _narrow_thin, _single = _tile(ROWS, VECTORS, 1), _tile(ROWS, 1, 1), _tile(1, 1, 1)


@compiled
def multiply(a, b, c):
    """Fill `c` [M, N] with the product of `a` [M, K] and `b` [K, N], K at least 1; float32.

    The rows of `b` and `c` are contiguous; `a` may be transposed.
    """
    rows, depth, columns = len(a), a.shape[1], b.shape[1]
    at, a_row, a_column = _address(a), a.strides[0], a.strides[1]
    from_b, b_row, to_c, c_row = _address(b), b.strides[0], _address(c), c.strides[0]
    lanes = LANES if columns >= LANES else 1
    row = 0
    while row < rows:
        whole = row + ROWS <= rows
        left, column = at + row * a_row, 0
        while column < columns:
            wide = column + VECTORS * lanes <= columns
            # Where too few columns are left to fill a vector, some of those before come again.
            column = min(column, columns - lanes)
            right, out = from_b + 4 * column, to_c + row * c_row + 4 * column
            if lanes == LANES:
                if whole and wide:
                    _wide(left, a_row, a_column, right, b_row, out, c_row, depth)
                elif whole:
                    _narrow(left, a_row, a_column, right, b_row, out, c_row, depth)
                elif wide:
                    _wide_row(left, a_row, a_column, right, b_row, out, c_row, depth)
                else:
                    _narrow_row(left, a_row, a_column, right, b_row, out, c_row, depth)
            elif whole and wide:
                _wide_thin(left, a_row, a_column, right, b_row, out, c_row, depth)
            elif whole:
                _narrow_thin(left, a_row, a_column, right, b_row, out, c_row, depth)
            else:
                wide = False
                _single(left, a_row, a_column, right, b_row, out, c_row, depth)
            column += VECTORS * lanes if wide else lanes
        row += ROWS if whole else 1
