"""What is left of a word by the norm of its vector: the same questions, asked at several norms."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from sentiment.reporting.memory import claims, measured, rows

KEYS = ["model", "direction"]


def by_norm(
    own: float | None,
    studied: tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]],
    rescaled: Sequence[Mapping[str, Any]],
    epochs: int,
) -> pd.DataFrame:
    """One row for each model, direction, norm and training, of the Jacobian; norms ascending.

    `own` is the norm of the study's vectors, and `studied` its records of `probe` and of `plant`;
    `rescaled` are those of `rescale`. Columns: KEYS, norm, is_trained (whether vectors are left as
    they are trained), training, what `claims.summary` gives, saturated (mean over seeds), and
    learnt, how far back every seed learns in so many epochs, None for nowhere. Empty where no other
    norm is asked, or the study's own is not known.
    """
    if own is None:
        return pd.DataFrame()
    found = []
    for record in rescaled:
        for at in record["norms"]:
            here = {"model": record["model"], **at}
            found.append(_rows([here], [here], at["norm"], at["is_trained"], epochs))
    if not found:
        return pd.DataFrame()
    table = pd.concat([_rows(*studied, own, False, epochs), *found], ignore_index=True)
    order = {model: place for place, model in enumerate(table.model.unique())}
    table = table.assign(place=table.model.map(order))
    table = table.sort_values(["place", "direction", "norm"], ascending=[True, False, True])
    return table.drop(columns="place").reset_index(drop=True)


def _rows(
    probed: Sequence[dict[str, Any]],
    planted: Sequence[dict[str, Any]],
    norm: float,
    is_trained: bool,
    epochs: int,
) -> pd.DataFrame:
    summary = claims.summary(measured.curves(probed))
    summary = summary[summary.measure == "jacobian"].drop(columns="measure")
    saturated = measured.saturation(probed).groupby([*KEYS, "training"]).saturated.mean()
    fits = measured.planted(planted, [epochs])
    # An LSTM is tried with two biases: the first is Keras' own.
    usual = fits[fits.forget_bias.isna() | (fits.forget_bias == 1)]
    learnt = {model: claims.furthest(some) for model, some in usual.groupby("model")}
    return summary.join(saturated, on=[*KEYS, "training"]).assign(
        norm=norm, is_trained=is_trained, learnt=summary.model.map(learnt)
    )


def table(found: pd.DataFrame, steps: int) -> str:
    """What `by_norm` gave, a row for each model, direction and norm.

    `steps` of training are told of what is learnt.
    """
    shown = []
    for (model, direction, norm), both in found.groupby([*KEYS, "norm"], sort=False):
        trained, untrained = (both[both.training == name].iloc[0] for name in rows.TRAININGS)
        shown.append(
            {
                "model": model,
                "direction": direction,
                "norm": f"{norm:.1f}, as trained" if trained.is_trained else f"{norm:g}",
                "left after 2 words": rows.share(trained),
                "half-life, words": rows.lag(trained, "half_life"),
                "saturated": f"{100 * trained.saturated:.1f} %",
                "untrained: left": rows.share(untrained),
                "half-life": rows.lag(untrained, "half_life"),
                "saturated ": f"{100 * untrained.saturated:.1f} %",
                f"learnt up to, {steps:,} steps": "none"
                if pd.isna(trained.learnt)
                else f"{trained.learnt:.0f}",
            }
        )
    return pd.DataFrame(shown).to_markdown(index=False, disable_numparse=True)


def verdicts(found: pd.DataFrame, gated: Collection[str]) -> list[str]:
    """Of each model without gates, at each norm, whether the lesson's claim of two words holds."""
    plain = found[(found.training == "trained") & ~found.model.isin(list(gated))]
    lines = []
    for (model, direction), some in plain.groupby(KEYS, sort=False):
        said = [f"at a norm of {row.norm:.3g}, {rows.verdict(row)}" for row in some.itertuples()]
        lines.append(f"- `{model}`, {direction}: {'; '.join(said)}")
    return lines
