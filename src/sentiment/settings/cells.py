"""The cells of a study: which there are, their stages, and where their files lie."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sentiment.settings.params import Params

Group = Literal["", "-memory"]
# What a cell's stages are called.
Kind = Literal["train", "evaluate"]


class Cell(NamedTuple):
    """A protocol, a model and its vectors: one `train` stage, which trains every seed.

    Paths are relative to the project, with slashes, as DVC and Git have them.
    """

    protocol: str
    model: str
    vectors: str  # their source, as in `vectors.source`
    group: Group  # of the grid, or of the questions of memory

    @property
    def name(self) -> str:
        """Protocol-model, as in lecture-birnn-20."""
        return f"{self.protocol}-{self.model}"

    def stage(self, kind: Kind) -> str:
        """Name of the stage that trains or evaluates the cell."""
        return f"{kind}{self.group}@{self.name}"

    @property
    def data(self) -> str:
        """The folder with the cell's tokens, vectors and vocabulary."""
        return f"data/{self.protocol}/{self.vectors}"

    @property
    def networks(self) -> str:
        """The folder with the trained networks, a weights file for each seed."""
        return f"models/{self.protocol}/{self.model}"

    @property
    def record(self) -> str:
        """The JSON file with what every seed scores."""
        if self.group == "-memory":
            return f"reports/memory/{self.protocol}/cells/{self.model}.json"
        return f"reports/results/{self.protocol}/{self.model}.json"


def of(params: Params) -> list[Cell]:
    """All cells: those of the grid by protocol, then those of memory."""
    return of_yaml(params.model_dump())


def of_yaml(settings: Mapping[str, Any]) -> list[Cell]:
    """The same from params.yaml as it was read, which may be that of an older revision.

    There the questions of memory may be missing.
    """
    grid, source = settings["grid"], settings["vectors"]["source"]
    memory = settings.get("memory", {"protocols": (), "models": ()})
    groups: tuple[tuple[Group, Mapping[str, Any]], ...] = (("", grid), ("-memory", memory))
    return [
        Cell(protocol, model, source, group)
        for group, asked in groups
        for protocol in asked["protocols"]
        for model in asked["models"]
    ]
