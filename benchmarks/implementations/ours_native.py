"""The same compiled for the processor at hand, as `train.target: native` has it."""

from typing import ClassVar

from implementations import ours
from sentiment.networks import runtime
from sentiment.networks.runtime import Target


class Solver(ours.Solver):
    """`ours`, where it need not give the bytes of other processors."""

    target: ClassVar[Target] = "native"
    environment: ClassVar[dict[str, str]] = {
        "KERAS_BACKEND": "tensorflow",
        **runtime.environment("native"),
    }
