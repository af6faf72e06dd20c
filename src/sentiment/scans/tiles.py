"""Tiles of a matrix product as LLVM code, held in the registers of a processor.

The micro-kernel holds a tile of the result in registers while the inner dimension goes by (Goto and
van de Geijn 2008, section 4). Each number is summed in the order of the inner dimension, every
addition fused with its multiplication.
"""

from collections.abc import Callable, Iterable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sentiment.scans.compiling import AVX512

# Lanes of a vector register of AVX-512; AVX2 has half as many.
WIDE_LANES = 16
# For the tiles that use them, whatever the rest of the code is compiled for.
WIDE_FEATURES = ",".join(f"+{name}" for name in ("avx2", "fma", *AVX512))

FLOAT, INTEGER = ir.FloatType(), ir.IntType(64)


def tile(rows: int, vectors: int, lanes: int) -> Callable[..., None]:
    """`rows` times `vectors * lanes` numbers of a product, from addresses and strides in bytes."""

    @intrinsic
    def of_size(typing, a, a_row, a_column, b, b_row, c, c_row, depth):  # noqa: ARG001
        signature = types.void(*(types.int64 for _ in range(8)))

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
            builder.call(_function(builder.module, rows, vectors, lanes), arguments)
            return context.get_dummy_value()

        return signature, generate

    return of_size


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
def address(typing, array):  # noqa: ARG001
    """Where an array's first number stands: not its `ctypes`, which Numba does not keep on disk."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, (values,) = signature.args[0], arguments
        return builder.ptrtoint(context.make_array(kind)(context, builder, values).data, INTEGER)

    return types.int64(array), generate
