"""What a network is, as the stages pass it on in files beside its weights."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from sentiment.files import read_json, write_json
from sentiment.networks.engines import EngineName
from sentiment.networks.runtime import Target
from sentiment.scans.pooling import ReadOut


@dataclass(frozen=True)
class Description:
    """An entry of `models:`, with what it leaves open."""

    architecture: str
    units: int
    read_out: ReadOut
    engine: EngineName
    architecture_code: str  # digest of the architecture's file, and of those that it builds on

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `write` wrote."""
        return cls(**read_json(path))

    def write(self, path: Path) -> None:
        """Write JSON."""
        write_json(path, asdict(self))


@dataclass(frozen=True)
class Trained(Description):
    """The description of a trained network, with what else decided its weights."""

    target: Target
    code: str  # digest of the code that trained, the architecture's aside

    def shown(self) -> dict[str, Any]:
        """All fields by name, without the digests of code."""
        return {name: value for name, value in asdict(self).items() if not name.endswith("code")}
