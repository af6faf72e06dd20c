"""The strict, typed, frozen view of params.yaml: refused as a whole or right as a whole."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sentiment.errors import UserError

# A name becomes part of paths and of DVC stage names.
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Source = Literal["reviews", "googlenews-26k", "googlenews"]
Baseline = Literal["majority", "movie-majority", "mean-vectors", "tfidf", "svm", "nbsvm"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Section(BaseModel):
    """A mapping of params.yaml: no key beyond the named ones, no conversion, no change later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Folder(Section):
    """What one folder of the archive must hold; `digest` as in `sources.folder_digests`."""

    files: Count
    bytes: Count
    digest: Sha256


class Download(Section):
    """Where the archive comes from and how its content is recognised."""

    file: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    sha256: Sha256 | None
    folders: dict[str, Folder]

    @model_validator(mode="after")
    def _is_verifiable(self) -> Self:
        if self.sha256 is None and not self.folders:
            raise ValueError("give sha256 or folders: nothing says what the content must be")
        return self


class Protocol(Section):
    """The numbers of a protocol; its rules stand under its name in protocols.py."""

    seed: Seed
    validation: Share
    length: Count


class Vectors(Section):
    """Word vectors: trained here on reviews, or loaded from a file."""

    source: Source
    dimensions: Count
    epochs: Count
    window: Count
    min_count: Count
    seed: Seed
    path: str | None
    limit: Count


class Model(Section):
    """One row of the table."""

    architecture: Literal["rnn", "birnn", "lstm", "bilstm", "gru", "bigru"]
    units: Count


class Train(Section):
    """How every model is trained."""

    epochs: Count
    batch_size: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    threads: Count


class Evaluation(Section):
    """What the test reviews are held against beside their labels."""

    doubtful: str | None


class Grid(Section):
    """The cells to train, every protocol with every model, and what they are held against."""

    protocols: Annotated[tuple[Name, ...], Field(min_length=1)]
    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    baselines: Annotated[tuple[Baseline, ...], Field(min_length=1)]


class Ablation(Section):
    """Models that every protocol trains on other vectors; cells of their own, beside the grid."""

    vectors: Source
    models: tuple[Name, ...]


class Params(Section):
    """All of params.yaml."""

    dataset: Literal["imdb", "snippets"]
    download: Download
    protocols: dict[Name, Protocol]
    vectors: Vectors
    models: dict[Name, Model]
    train: Train
    evaluation: Evaluation
    grid: Grid
    ablation: Ablation
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_described(self) -> Self:
        for key, names, described in (
            ("grid.protocols", self.grid.protocols, self.protocols),
            ("grid.models", self.grid.models, self.models),
            ("ablation.models", self.ablation.models, self.models),
        ):
            for name in names:
                if name not in described:
                    known = ", ".join(described)
                    raise ValueError(f"{key}: '{name}' is not described; known: {known}")
        return self

    @model_validator(mode="after")
    def _nothing_stands_twice(self) -> Self:
        models = [*self.grid.models, *self.ablation.models]
        for key, values in (
            ("grid.protocols", self.grid.protocols),
            ("grid.models", self.grid.models),
            ("grid.baselines", self.grid.baselines),
            ("grid.models and ablation.models", models),
            # Stages are named so: protocol a-b with model c, and a with b-c, would be one.
            ("protocol-model", [f"{p}-{m}" for p in self.grid.protocols for m in models]),
            ("seeds", self.seeds),
        ):
            twice = [value for value, count in Counter(values).items() if count > 1]
            if twice:
                raise ValueError(f"{key}: {twice[0]!r} is listed twice")
        if self.ablation.vectors == self.vectors.source:
            raise ValueError("ablation.vectors: the same as vectors.source: name another source")
        return self


def load(path: Path = Path("params.yaml")) -> Params:
    """Read and check the whole file, as YAML 1.2, which is how DVC reads it.

    Raises UserError with one line that names each wrong key and what is allowed there.
    """
    try:
        # Through JSON, so that a list may fill a tuple and nothing else is converted.
        return Params.model_validate_json(json.dumps(YAML(typ="safe", pure=True).load(path)))
    except FileNotFoundError:
        raise UserError(f"{path}: not found: run from the top folder of the project") from None
    except (YAMLError, UnicodeDecodeError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: not readable as YAML 1.2: {reason}") from None
    except ValidationError as error:
        raise UserError(f"{path}: " + "; ".join(map(_describe, error.errors()))) from None


def _describe(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key; allowed here: {', '.join(_allowed(error['loc'][:-1]))}"
    if error["type"] == "missing":
        return f"{key}: missing"
    message = error["msg"].removeprefix("Value error, ")
    given = f", not {error['input']!r}" if isinstance(error["input"], str | int | float) else ""
    return f"{key}: {message}{given}" if key else message


def _allowed(location: tuple[str | int, ...]) -> list[str]:
    """Keys of the section at `location`, found by walking the annotations."""
    here: Any = Params
    for part in location:
        is_mapping = get_origin(here) is dict
        here = get_args(here)[1] if is_mapping else here.model_fields[part].annotation
    return list(here.model_fields)
