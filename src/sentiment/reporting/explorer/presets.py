"""The sentences that the page offers, with what the study measured of them."""

from pathlib import Path
from typing import Any

import numpy as np

from sentiment.settings.investigations import Sentence
from sentiment.settings.params import Params
from sentiment.storage.files import read_json


def sentences(settings: Params, memory: Path) -> list[dict[str, str]]:
    """Each with its `text`, what to `look` for, and what was `measured` of it, or nothing.

    `memory` is the folder with what stage `probe` wrote, as far as it ran, of the sentences of
    memory.
    """
    explore = settings.explore
    asked = {sentence.text: number for number, sentence in enumerate(settings.memory.sentences)}
    return [
        {
            "text": text,
            "look": hint,
            "measured": _measured(settings, memory, asked[text]) if text in asked else "",
        }
        for text, hint in zip(explore.sentences, explore.hints, strict=True)
    ]


def _measured(settings: Params, memory: Path, number: int) -> str:
    """How much of one word is left at another, for each protocol and model that was probed."""
    sentence, told = settings.memory.sentences[number], []
    for protocol in settings.memory.protocols:
        names = settings.memory.probed
        files = [memory / protocol / "probes" / f"{name}.json" for name in names]
        records = [read_json(file) for file in files if file.is_file()]
        if records:
            shares = [_left(record, number, sentence) for record in records]
            of, at = (f"\u201c{word}\u201d" for word in (sentence.of, sentence.at))
            seeds = len(records[0]["seeds"])
            told.append(
                f"Measured over {seeds} seeds in protocol {protocol}, what is left of {of} at "
                f"{at}: {'; '.join(shares)}."
            )
    return " ".join(told)


def _left(record: dict[str, Any], number: int, sentence: Sentence) -> str:
    """The share that is left, mean of the seeds, in the direction that reads `of` before `at`."""
    read = [run["sentences"][number] for run in record["seeds"]]
    first = read[0]["words"].index(sentence.of)
    way = "forward" if first <= read[0]["at"] else "backward"
    if way not in read[0]:
        return f"nothing in {record['model']}, which reads it later"
    shares = [one[way]["moved"][first] / one[way]["own"][first] for one in read]
    return f"{100 * np.mean(shares):.1f} % in {record['model']}"
