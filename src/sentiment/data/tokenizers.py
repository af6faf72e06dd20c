"""How a text is cut into tokens: one function for each name in `protocols.<name>.tokens`."""

import re
from collections.abc import Callable
from typing import Literal

import regex
from nltk.tokenize import RegexpTokenizer, TreebankWordTokenizer

Tokenizer = Literal["treebank", "words", "unicode"]
Tokenize = Callable[[str], list[str]]


def find(name: Tokenizer) -> Tokenize:
    """The function from a text to its tokens."""
    return TOKENIZERS[name]


def known(name: Tokenizer, unknown: str | None) -> Tokenize:
    """The tokens without those that the regular expression `unknown` matches whole.

    As if they had been read by what trained vectors and has none for them: their neighbours close
    up. All tokens if `unknown` is None.
    """
    tokenize = find(name)
    if unknown is None:
        return tokenize
    is_unknown = re.compile(unknown).fullmatch
    return lambda text: [token for token in tokenize(text) if not is_unknown(token)]


def _words(text: str) -> list[str]:
    """Lower-case words and single punctuation marks of the text without its markup."""
    return _WORDS.tokenize(_without_markup(text).lower())


def _unicode(text: str) -> list[str]:
    """Words, numbers, emoji and marks of any language, by Unicode's default word boundaries.

    Unicode Standard Annex 29, section 4. Case is folded and markup left out, and so is white space.
    """
    pieces = _BOUNDARY.split(_without_markup(text).casefold())
    return [piece for piece in pieces if piece and not piece.isspace()]


def _without_markup(text: str) -> str:
    return re.sub(r"<[^<>]*>", " ", text)


_WORDS = RegexpTokenizer(r"\w+(?:['’]\w+)*|[^\w\s]")
# With the flag w a boundary is that of the annex.
_BOUNDARY = regex.compile(r"(?wV1)\b")

TOKENIZERS: dict[Tokenizer, Tokenize] = {
    "treebank": TreebankWordTokenizer().tokenize,
    "words": _words,
    "unicode": _unicode,
}
