"""A row of differences in words, as far as its verdict allows."""

import pandas as pd


def pair(differences: pd.DataFrame, a: str, b: str, metric: str = "test_acc") -> pd.Series:
    """The row of a less b, named (a, b), turned round if it stands there as b less a."""
    rows = differences[differences.metric == metric].set_index(["model_a", "model_b"])
    if (a, b) in rows.index:
        return rows.loc[(a, b)]
    row = rows.loc[(b, a)]
    turned = {"a better": "b better", "b better": "a better"}.get(row.verdict, row.verdict)
    values = {"difference": -row.difference, "low": -row.high, "high": -row.low}
    return pd.Series(row.to_dict() | values | {"verdict": turned}, name=(a, b))


def scores(row: pd.Series) -> str:
    """One row of `pair` in words: who, how much more or less than whom, and whether it is real."""
    a, b = row.name
    said = f"{a} scores {size(row)} {'more' if row.difference > 0 else 'less'} than {b}"
    if row.verdict == "one seed":
        return f"{said} (one seed, no test)"
    if row.verdict != "cannot be told apart":
        return f"{said} (real)"
    if row.low > 0 or row.high < 0:
        return f"{said} (not beyond chance once all pairs are counted: p {row.p_holm:.2f})"
    return f"{said} (cannot be told apart)"


def size(row: pd.Series) -> str:
    """A difference without its sign, "1.20 points [0.80, 1.60]", with an interval if it has one."""
    low, high = (row.low, row.high) if row.difference > 0 else (-row.high, -row.low)
    said = f"{100 * abs(row.difference):.2f} points"
    return said if pd.isna(low) else f"{said} [{100 * low:.2f}, {100 * high:.2f}]"


def more(difference: float) -> str:
    """As "1.20 points more", or less."""
    return f"{100 * abs(difference):.2f} points {'more' if difference > 0 else 'less'}"
