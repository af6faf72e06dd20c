"""What a model says of texts, for a terminal and as JSON."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sentiment.prediction.explanation import Explanation
from sentiment.prediction.predictor import Prediction

# Words of an explanation that get a row of their own, and the length of the longest bar.
ROWS, WIDTH = 15, 20


def json_lines(
    predictions: Sequence[Prediction], reasons: Sequence[Explanation] = ()
) -> Iterator[str]:
    """A JSON object for each text, its reason's values among them where there are reasons."""
    for prediction, reason in zip_longest(predictions, reasons):
        shown = prediction._asdict() | (reason._asdict() if reason else {})
        yield json.dumps(shown, ensure_ascii=False)


def blocks(
    texts: Sequence[str],
    predictions: Sequence[Prediction],
    classes: Sequence[str],
    reasons: Sequence[Explanation] = (),
) -> Iterator[RenderableType]:
    """One table of all texts, or where there are reasons each text with its own."""
    if not reasons:
        yield answers(texts, predictions, classes)
    for text, prediction, reason in zip(texts, predictions, reasons, strict=False):
        yield answers([text], [prediction], classes)
        yield Text()
        yield marked(prediction, reason)
        yield Text()
        yield words(prediction, reason)
        yield Text()


def answers(
    texts: Sequence[str], predictions: Sequence[Prediction], classes: Sequence[str]
) -> Table:
    """A row for each text; `classes` are their names, in the order of their numbers."""
    # The text gets what room the others leave.
    shown = Table(box=None, pad_edge=False, expand=True)
    shown.add_column("label")
    asked = classes[1] if len(classes) == 2 else "label"
    shown.add_column(f"P({asked})", justify="right")
    shown.add_column("tokens used", justify="right")
    shown.add_column("text", no_wrap=True, overflow="ellipsis", ratio=1)
    for text, (label, probability, tokens) in zip(texts, predictions, strict=True):
        # Nothing that a terminal would obey.
        start = "".join(letter if letter.isprintable() else " " for letter in text[:500])
        # Of two classes the second is green and the first red.
        named = Text(label, _color(probability - 0.5) if len(classes) == 2 else "")
        shown.add_row(named, f"{probability:.4f}", str(len(tokens)), Text(start.strip()))
    return shown


def marked(prediction: Prediction, reason: Explanation) -> Text:
    """The tokens used, green and red where they moved the score up and down, bold the strongest."""
    most = max(map(abs, reason.contributions))
    shown = Text()
    for token, value in zip(prediction.tokens, reason.contributions, strict=True):
        color = "dim" if abs(value) < most / 10 else _color(value)
        shown.append(token, f"bold {color}" if abs(value) > most / 2 else color)
        shown.append(" ")
    return shown


def words(prediction: Prediction, reason: Explanation) -> Table:
    """From the score of the empty text to that of the text, a row for each word."""
    sums: dict[str, float] = defaultdict(float)
    for token, value in zip(prediction.tokens, reason.contributions, strict=True):
        sums[token] += value
    ordered, counts = sorted(sums, key=lambda word: -abs(sums[word])), Counter(prediction.tokens)
    longest = abs(sums[ordered[0]]) or 1.0
    shown = Table(box=None, pad_edge=False)
    shown.add_column("word")
    shown.add_column("times", justify="right")
    shown.add_column("log odds", justify="right")
    shown.add_column("")
    shown.add_row(Text("an empty review", "dim"), "", f"{reason.baseline:+.3f}")
    for word in ordered[:ROWS]:
        bar = Text("█" * round(WIDTH * abs(sums[word]) / longest), _color(sums[word]))
        shown.add_row(Text(word), str(counts[word]), f"{sums[word]:+.3f}", bar)
    if rest := ordered[ROWS:]:
        others = Text(f"{len(rest)} other words", "dim")
        shown.add_row(others, "", f"{sum(sums[word] for word in rest):+.3f}")
    shown.add_row(Text("together", "bold"), "", f"{reason.score:+.3f}")
    return shown


def _color(value: float) -> str:
    return "green" if value > 0 else "red"
