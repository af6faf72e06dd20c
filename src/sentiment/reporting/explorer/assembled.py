"""The page that runs networks in a browser, put together from what was exported of them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from nltk.tokenize import TreebankWordTokenizer


def page(
    networks: Mapping[str, Mapping[str, Any]],
    sentences: Sequence[Mapping[str, str]],
) -> str:
    """The page as HTML, for what stage `export` wrote of each network, by its name.

    `sentences` have a `text`, what to `look` for, and what was `measured` of it, or nothing.
    """
    words: list[Sequence[str]] = []
    shown = []
    for name, network in networks.items():
        if network["words"] not in words:
            words.append(network["words"])
        # Networks of one protocol know the same words.
        shown.append({**network, "name": name, "words": words.index(network["words"])})
    held = {"networks": shown, "words": words, "sentences": sentences, "treebank": treebank()}
    environment = Environment(
        loader=PackageLoader("sentiment.reporting.explorer", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    # Nothing in it can end the element that it stands in.
    data = json.dumps(held, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return environment.get_template("explore.html").render(data=data, sentences=sentences) + "\n"


def treebank() -> dict[str, list[list[str]]]:
    """The rules of NLTK's Treebank tokenizer for JavaScript: pattern, flags, what takes its place.

    Between the `first` and the `last` of them a space comes before and after the text.
    """
    rules = TreebankWordTokenizer
    first = [*rules.STARTING_QUOTES, *rules.PUNCTUATION, rules.PARENS_BRACKETS, rules.DOUBLE_DASHES]
    parted = [(rule, r" \1 \2 ") for rule in (*rules.CONTRACTIONS2, *rules.CONTRACTIONS3)]
    return {
        "first": [_rule(*rule) for rule in first],
        "last": [_rule(*rule) for rule in (*rules.ENDING_QUOTES, *parted)],
    }


def _rule(rule: Any, result: str) -> list[str]:
    """A regular expression of Python's with what takes the place of its matches, in JavaScript."""
    pattern, flags = rule.pattern.replace("(?#X)", ""), "g"
    if pattern.startswith("(?i)"):
        pattern, flags = pattern.removeprefix("(?i)"), "gi"
    return [pattern, flags, re.sub(r"\\(\d)", r"$\1", result.replace(r"\g<0>", "$&"))]
