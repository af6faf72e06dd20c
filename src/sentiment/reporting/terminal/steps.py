"""One sentence in a trained network, as a table on the terminal."""

from typing import Any

from rich.table import Table

from sentiment.probes.traces import NAMES


def table(read: dict[str, Any], title: str) -> Table:
    """What `probes.sentences.read` gave, one row for each word.

    For each direction how much the word moves the state at the word in the title, beside what
    that word itself moves, each gate's mean, and the probability of positive up to the word.
    """
    words, goal = read["words"], read["at"]
    shown = Table(title=f"{title}, seen from “{words[goal]}”", title_justify="left")
    shown.add_column("word")
    columns: list[list[str]] = [words]
    for direction in (name for name in NAMES if name in read):
        own = read[direction]
        shown.add_column(f"moves it, {direction}", justify="right")
        columns.append([f"{100 * value / own['moved'][goal]:.1f} %" for value in own["moved"]])
        for gate, values in own["gates"].items():
            shown.add_column(gate, justify="right")
            columns.append([f"{value:.2f}" for value in values])
    shown.add_column("probability", justify="right")
    columns.append([f"{value:.2f}" for value in read["probability"]])
    for number, row in enumerate(zip(*columns, strict=True)):
        shown.add_row(*row, style="bold" if number == goal else None)
    return shown
