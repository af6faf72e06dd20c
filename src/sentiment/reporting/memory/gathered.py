"""Reads all that is known of what the networks of one protocol remember."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sentiment.comparison import tested
from sentiment.comparison.by_review import Answers
from sentiment.reporting.memory import claims, measured, norms
from sentiment.settings.params import Params


class Gathered(NamedTuple):
    """Records and tables, each as the function in `measured` or `claims` of its name gives it."""

    protocol: str
    params: Params
    probed: list[dict[str, Any]]  # of the models whose memory is asked
    curves: pd.DataFrame
    summary: pd.DataFrame
    gates: pd.DataFrame
    fits: pd.DataFrame
    norms: pd.DataFrame  # as `norms.by_norm`
    runs: pd.DataFrame
    scores: pd.DataFrame
    answers: Answers | None
    linear: pd.DataFrame  # as `tested.over_reviews`

    @property
    def models(self) -> set[str]:
        """All whose weights were asked."""
        asked = self.params.memory
        return {*asked.probed, *asked.reordered, *self.runs.model, *asked.models}


def load(
    protocol: str, params: Params, results: Path, memory: Path, networks: Path, probabilities: Path
) -> Gathered:
    """Read them from the stages' folders of this protocol; UserError for a record that is missing.

    `results` and `memory` hold records, `networks` and `probabilities` what models of memory, and
    models of the grid and baselines, say of each review.
    """
    asked, short = params.memory, params.train.epochs
    probed = measured.probes(memory / "probes", asked.probed)
    others = measured.probes(memory / "probes", asked.models)
    curves = measured.curves([*probed, *others])
    planted = measured.fits(memory / "planted", asked.probed)
    runs = measured.read_outs(results, memory / "cells", params)
    rescaled = measured.rescaled(memory / "rescaled", asked.probed)
    said = measured.answers(networks, probabilities, asked.contrasts)
    margin = params.questions.margin
    return Gathered(
        protocol,
        params,
        probed,
        curves,
        claims.summary(curves),
        measured.gates([*probed, *others]),
        measured.planted(planted, dict.fromkeys((short, asked.planted.epochs))),
        norms.by_norm(params.vectors.norm, (probed, planted), rescaled, short),
        runs,
        measured.orders(memory / "reordered", asked.reordered),
        said,
        tested.over_reviews(said, asked.contrasts, margin) if said else pd.DataFrame(),
    )
