"""What a network is, as the stages pass it on in files beside its weights."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from sentiment.networks.engines import EngineName
from sentiment.scans.pooling import ReadOut
from sentiment.storage.files import read_json, write_json


@dataclass(frozen=True)
class Description:
    """An entry of `models:`, with what it leaves open, and what the data's classes ask for."""

    architecture: str
    units: int
    read_out: ReadOut
    outputs: int  # units of the read-out: 1 for two classes, otherwise one for each class
    engine: EngineName
    recipe: dict[str, Any]  # how it is trained: `train` of params.yaml
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

    code: str  # digest of the code that trained, the architecture's aside

    def shown(self) -> dict[str, Any]:
        """What its record repeats of it: the model, its engine and its target."""
        named = ("architecture", "units", "read_out", "engine")
        shown = {name: getattr(self, name) for name in named}
        return shown | {"target": self.recipe["target"]}
