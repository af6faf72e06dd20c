"""The strict, typed, frozen view of params.yaml: refused as a whole or right as a whole."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sentiment.errors import UserError
from sentiment.settings import names, references
from sentiment.settings.investigations import (
    Explore,
    Inputs,
    Leak,
    Memory,
    Questions,
    Resplit,
    Width,
)
from sentiment.settings.refusals import describe
from sentiment.settings.sections import (
    Dataset,
    Download,
    Evaluation,
    Grid,
    Model,
    Name,
    Protocol,
    Section,
    Seed,
    Train,
    Vectors,
)


class Params(Section):
    """All of params.yaml."""

    dataset: Dataset
    download: Download
    protocols: dict[Name, Protocol]
    vectors: Vectors
    models: dict[Name, Model]
    train: Train
    evaluation: Evaluation
    grid: Grid
    questions: Questions
    inputs: Inputs
    resplit: Resplit
    leak: Leak
    width: Width
    memory: Memory
    explore: Explore
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_described(self) -> Self:
        for key, used, place, known in references.of(self):
            for name in used:
                if name not in known:
                    listed = ", ".join(known)
                    raise ValueError(f"{key}: '{name}' is not in {place}; there: {listed}")
        return self

    @model_validator(mode="after")
    def _only_vectors_trained_here_are_brought_to_norms(self) -> Self:
        asked = {
            "inputs.variants.reviews": self.inputs.variants.get("reviews"),
            "memory.norms": self.memory.protocols and self.memory.norms,
        }
        for key, norms in asked.items():
            if norms and self.vectors.source != "reviews":
                raise ValueError(
                    f"{key}: vectors.source {self.vectors.source} has no norm of training: "
                    "leave it empty"
                )
        return self

    @model_validator(mode="after")
    def _what_tells_two_classes_apart_is_not_asked_of_more(self) -> Self:
        asked = {"leak.kinds": self.leak.kinds, "memory.protocols": self.memory.protocols}
        for key, parts in asked.items():
            if parts and self.dataset.outputs > 1:
                raise ValueError(
                    f"{key}: asked of two classes alone, and dataset.classes has "
                    f"{len(self.dataset.classes)}: leave it empty"
                )
        return self

    @model_validator(mode="after")
    def _planted_words_are_trained_as_long_as_the_table(self) -> Self:
        least, given = self.train.epochs, self.memory.planted.epochs
        if self.memory.protocols and given < least:
            raise ValueError(f"memory.planted.epochs: at least train.epochs, {least}, not {given}")
        return self

    @model_validator(mode="after")
    def _nothing_stands_twice(self) -> Self:
        models = [*self.grid.models, *self.memory.models]
        for key, values in (
            ("grid.protocols", self.grid.protocols),
            ("grid.models", self.grid.models),
            ("grid.baselines", self.grid.baselines),
            ("grid.models and memory.models", models),
            # Stages are named so: protocol a-b with model c, and a with b-c, would be one.
            ("protocol-model", [f"{p}-{m}" for p in self.grid.protocols for m in models]),
            ("seeds", self.seeds),
        ):
            twice = [value for value, count in Counter(values).items() if count > 1]
            if twice:
                raise ValueError(f"{key}: {twice[0]!r} is listed twice")
        return self


# Values in params.yaml, aliases written out: a few lines of aliases of aliases make billions.
MOST = 100_000


def load(path: Path = Path("params.yaml")) -> Params:
    """Read and check the whole file, as YAML 1.2, which is how DVC reads it.

    Raises UserError with one line that names each wrong key and what is allowed there.
    """
    names.check(path)
    try:
        read = YAML(typ="safe", pure=True).load(path)
        if _values(read, {}) > MOST:
            raise UserError(f"{path}: more than {MOST:,} values: aliases multiply them: write less")
        # Through JSON, so that a list may fill a tuple and nothing else is converted.
        return Params.model_validate_json(json.dumps(read))
    except FileNotFoundError:
        raise UserError(f"{path}: not found: run from the top folder of the project") from None
    except (YAMLError, UnicodeDecodeError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: not readable as YAML 1.2: {reason}") from None
    except ValidationError as error:
        raise UserError(
            f"{path}: " + "; ".join(describe(one, Params) for one in error.errors())
        ) from None


def _values(read: Any, known: dict[int, float]) -> float:
    """How many values there are where each alias is written out; infinite within itself."""
    if not isinstance(read, dict | list):
        return 1
    if id(read) not in known:
        known[id(read)] = math.inf
        inside = [*read, *read.values()] if isinstance(read, dict) else read
        known[id(read)] = 1 + sum(_values(value, known) for value in inside)
    return known[id(read)]
