"""The sections of params.yaml: which keys each has, and what may stand there."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

# Sections of what is trained beside the table; stages, and folders of reports, have their names.
EXPERIMENTS = ("inputs", "resplit", "leak", "width")
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
    """What one folder of the archive must hold; `digest` as in `sources.digests`."""

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


class Questions(Section):
    """What is asked of the table, written down before the run that answers it."""

    margin: Share
    # By question the pairs of models or baselines that answer it.
    contrasts: dict[str, tuple[tuple[Name, Name], ...]]
    # By question the architecture whose units are varied.
    trends: dict[str, Name]


class Inputs(Section):
    """Models of the grid trained once more on other words and vectors: what moves the table?"""

    protocol: Name
    # By words and vectors the norms to which these vectors are brought, null for as they are.
    variants: dict[Variant, tuple[Norm | None, ...]]
    models: tuple[Name, ...]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]


class Draw(Section):
    """Seeds of the split and of the vectors."""

    split: Seed
    vectors: Seed


class Resplit(Section):
    """Models of the grid with other splits and vectors: how far would one further run lie off?"""

    protocol: Name
    draws: dict[Name, Draw]
    models: tuple[Name, ...]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]


class Leak(Section):
    """What validating on movies that were trained on gives: the same reviews, folded twice."""

    protocol: Name
    kinds: tuple[Literal["random", "grouped"], ...]
    folds: Annotated[int, Field(ge=2)]
    models: tuple[Name, ...]
    baselines: tuple[Baseline, ...]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]


class Trainings(Section):
    """Models that are trained for so many epochs."""

    epochs: Count
    models: tuple[Name, ...]


class Width(Section):
    """Why wide BiRNNs do worse: other read-outs, and more epochs."""

    protocol: Name
    trainings: dict[Name, Trainings]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]

    @property
    def models(self) -> tuple[Name, ...]:
        """All that are trained, each once."""
        named = [name for some in self.trainings.values() for name in some.models]
        return tuple(dict.fromkeys(named))


class Sentence(Section):
    """How much the word `of` moves what the network holds at the word `at`."""

    text: str
    of: str
    at: str


class Planted(Section):
    """The task in which one word, so far from the end, decides the label."""

    words: tuple[str, str]
    distances: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
    sequences: Count
    epochs: Count
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]


class Memory(Section):
    """What is asked of trained networks about what they remember."""

    protocols: tuple[Name, ...]
    models: tuple[Name, ...]
    probed: tuple[Name, ...]
    reordered: tuple[Name, ...]
    reviews: Count
    lags: Count
    distances: Annotated[tuple[Count, ...], Field(min_length=1)]
    sentences: tuple[Sentence, ...]
    planted: Planted
    # Norms of the vectors on which probed models are trained once more, null as they are trained.
    norms: tuple[Norm | None, ...]
    # Models, of the grid or of memory, by the baseline that each is held against.
    contrasts: tuple[tuple[Name, Baseline], ...]
