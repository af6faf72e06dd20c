"""The sections of params.yaml: which keys each has, and what may stand there."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

# A name becomes part of paths and of DVC stage names.
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


Source = Literal["reviews", "googlenews-26k", "file"]


Variant = Literal["reviews", "all-tokens", "googlenews-26k"]
Baseline = Literal["majority", "movie-majority", "mean-vectors", "tfidf", "svm", "nbsvm"]


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


Count = Annotated[int, Field(ge=1)]


Share = Annotated[float, Field(gt=0, lt=1)]


Seed = Annotated[int, Field(ge=0, lt=2**32)]


Norm = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Section(BaseModel):
    """A mapping of params.yaml: no key beyond the named ones, no conversion, no change later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Columns(Section):
    """What the columns of a table hold, by their names; null for what the table does not have."""

    text: str
    label: str
    # Part of each row: train, validation, test, or unsup for rows without a label.
    split: str | None
    # Rows of one group, as the reviews of one movie, are not to be shared between parts.
    group: str | None
    id: str | None


class Dataset(Section):
    """What the reviews are, and how their file is read."""

    name: Name
    format: Literal["imdb", "snippets", "table"]
    # Names of the classes; their numbers are their places.
    classes: Annotated[tuple[str, ...], Field(min_length=2, max_length=100)]
    columns: Columns | None
    bad: Annotated[float, Field(ge=0, lt=1)]

    @property
    def outputs(self) -> int:
        """Units of a network's read-out: one for two classes, otherwise one for each class."""
        return 1 if len(self.classes) == 2 else len(self.classes)

    @model_validator(mode="after")
    def _columns_are_those_of_a_table(self) -> Self:
        if (self.format == "table") != (self.columns is not None):
            raise ValueError(
                "columns: a table needs them, and no other format has any: give text, label, "
                "split, group and id, or null"
            )
        if twice := [name for name in self.classes if self.classes.count(name) > 1]:
            raise ValueError(f"classes: {twice[0]!r} is listed twice")
        return self


class Folder(Section):
    """What one folder of the archive must hold; `digest` as in `unpacking.digests`."""

    files: Count
    bytes: Count
    digest: Sha256


class Download(Section):
    """Where the archive comes from and how its content is recognised."""

    file: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    sha256: Sha256 | None
    folders: dict[str, Folder]
    files: dict[str, Sha256]

    @model_validator(mode="after")
    def _is_verifiable(self) -> Self:
        if self.sha256 is None and not (self.folders or self.files):
            raise ValueError("give sha256, folders or files: nothing says what the content must be")
        return self


class Protocol(Section):
    """How reviews are split, and how they are turned into tokens."""

    split: Literal["shuffled", "grouped", "random"]
    seed: Seed
    test: Share | None
    validation: Share
    tokens: Literal["treebank", "words", "unicode"]
    length: Count
    unknown: Pattern | None


class Vectors(Section):
    """Word vectors: trained here on reviews, or loaded from a file."""

    source: Source
    dimensions: Count
    norm: Norm | None
    epochs: Count
    window: Count
    min_count: Count
    seed: Seed
    path: str
    limit: Count


class Model(Section):
    """One row of the table."""

    # The name of a file in `architectures`, which may be a Python module's.
    architecture: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    units: Count
    read_out: Literal["flatten", "last", "mean"] = "flatten"


class Train(Section):
    """How every model is trained."""

    epochs: Count
    batch_size: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    threads: Count
    engine: Literal["numba", "keras"]
    target: Literal["portable", "native"]


class Evaluation(Section):
    """What the test reviews are held against beside their labels."""

    doubtful: str


class Grid(Section):
    """The cells to train, every protocol with every model, and what they are held against."""

    protocols: Annotated[tuple[Name, ...], Field(min_length=1)]
    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    baselines: Annotated[tuple[Baseline, ...], Field(min_length=1)]
