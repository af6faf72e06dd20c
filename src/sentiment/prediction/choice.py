"""Which trained network answers: the champion, or that of a cell by name."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sentiment.comparison import best, results
from sentiment.comparison.roles import MEASURED
from sentiment.errors import UserError
from sentiment.networks import engines, weights
from sentiment.prediction.predictor import Kind, Predictor
from sentiment.settings.cells import of
from sentiment.settings.params import Params
from sentiment.storage.files import sha256

CHAMPION = "champion"


@dataclass(frozen=True)
class Choice:
    """One network and its files."""

    cell: str  # protocol-model
    seed: int
    val_acc: float  # of this seed
    mean_val_acc: float  # of all seeds
    kind: Kind
    vocabulary: Path
    vectors: Path
    weights: Path

    def predictor(self) -> Predictor:
        """Read the files."""
        return Predictor(
            self.kind, vocabulary=self.vocabulary, vectors=self.vectors, weights=self.weights
        )


def full_name(model: str, params: Params) -> str:
    """Protocol-model for a bare model, in the first protocol whose memory is asked for."""
    protocols = (*params.memory.protocols, *params.grid.protocols)
    return f"{protocols[0]}-{model}" if model in params.models else model


def choose(root: Path, name: str, params: Params) -> Choice:
    """The cell `name` (protocol-model), or for "champion" the best in the table of MEASURED.

    The models of the questions of memory are not in the table. The champion has the best mean
    validation accuracy, and is the first in the table if two are equal.
    Of a cell's seeds the one that validates best answers, and not all together: ten networks take
    ten times as long, and what one of them scores on test stands in the results. Test accuracy
    has no part in either choice. Raises UserError for a name that is not in params.yaml, for
    results or files that are missing, and for weights that are not those of the results.
    """
    table = [cell for cell in of(params) if cell.group != "-memory"]
    known = {cell.name: (cell.protocol, cell.model) for cell in table}
    if name == CHAMPION:
        protocol = _measured(params)
        if protocol is None:
            raise UserError(
                f"{CHAMPION}: chosen in {MEASURED}, which is not in grid.protocols: "
                f"name one of {', '.join(known)} with --model"
            )
        cells = [cell for cell in known.values() if cell[0] == protocol]
    elif name in known:
        cells = [known[name]]
    else:
        raise UserError(f"{name}: no such model: use {CHAMPION} or one of {', '.join(known)}")
    runs = results.load(root / "reports/results", _narrowed(params, cells))
    run = best.run(runs)
    mean = float(runs[runs.model == run.model].val_acc.mean())
    return _checked(root, run, mean, params)


def _measured(params: Params) -> str | None:
    """The protocol that chooses: MEASURED, or the first that shares no text between its parts."""
    if MEASURED in params.grid.protocols:
        return MEASURED
    sound = (name for name in params.grid.protocols if params.protocols[name].split != "shuffled")
    return next(sound, None)


def _narrowed(params: Params, cells: list[tuple[str, str]]) -> Params:
    """The parameters with these cells, of one protocol, as the whole grid."""
    grid = {"protocols": (cells[0][0],), "models": tuple(model for _, model in cells)}
    return params.model_copy(update={"grid": params.grid.model_copy(update=grid)})


def _checked(root: Path, run: pd.Series, mean: float, params: Params) -> Choice:
    cell, data = f"{run.protocol}-{run.model}", root / "data" / run.protocol / run.vectors
    model = params.models[run.model]
    engine = engines.able(model.architecture, params.train.engine)
    rules = params.protocols[run.protocol]
    found = Choice(
        cell,
        int(run.seed),
        float(run.val_acc),
        mean,
        Kind(
            run.protocol,
            rules.tokens,
            rules.length,
            params.dataset.classes,
            **model.model_dump(),
            engine=engine,
        ),
        data / "vocabulary.txt",
        data / "vectors.npy",
        weights.path(root / "models" / run.protocol / run.model, run.seed),
    )
    for path in (found.vocabulary, found.vectors, found.weights):
        if not path.is_file():
            raise UserError(f"{path}: not found: run `sentiment run` to make it")
    if sha256(found.weights) != run.weights:
        raise UserError(
            f"{found.weights}: not the weights that the results of {cell} were made with: "
            "run `sentiment run` to bring both up to date"
        )
    return found
