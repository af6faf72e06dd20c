"""The sections of params.yaml that ask something of the models beside training them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sentiment.settings.sections import Baseline, Count, Name, Norm, Section, Seed, Share, Variant

# Sections of what is trained beside the table; stages, and folders of reports, have their names.
EXPERIMENTS = ("inputs", "resplit", "leak", "width")


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


class Explored(Section):
    """A network that the page of stage `explore` runs."""

    protocol: Name
    model: Name


class Explore(Section):
    """What the reader of the page looks into."""

    # Most frequent words of the training reviews that it holds for each network.
    words: Count
    networks: Annotated[dict[Name, Explored], Field(min_length=1)]
    sentences: tuple[str, ...]
    # What to look for in each; apart from them, since stage `export` reads the sentences alone.
    hints: tuple[str, ...]

    @model_validator(mode="after")
    def _a_sentence_has_its_hint(self) -> Self:
        if len(self.hints) != len(self.sentences):
            raise ValueError(
                f"{len(self.hints)} hints for {len(self.sentences)} sentences: give one for each"
            )
        return self


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
