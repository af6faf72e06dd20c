"""The texts that a person hands over: as arguments, in a file, or on standard input."""

import sys
from pathlib import Path

from sentiment.errors import UserError


def read(arguments: list[str], file: Path | None) -> list[str]:
    """The arguments, or else the lines of `file`, or else those of standard input.

    Raises UserError for both at once, for no text at all, and for bytes that are not UTF-8.
    """
    if arguments and file:
        raise UserError(f"{file}: give texts as arguments or in a file, not both")
    if arguments:
        for number, text in enumerate(arguments, start=1):
            if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise UserError(f"text {number}: not UTF-8: convert it and try again")
        return arguments
    if file:
        return _lines(str(file), file.read_bytes())
    return _lines("standard input", sys.stdin.buffer.read())


def _lines(name: str, content: bytes) -> list[str]:
    try:
        # Not `splitlines`: reviews hold characters that it takes for the end of a line.
        texts = content.decode("utf-8-sig").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{name}: line {line} is not UTF-8: convert it and try again") from None
    if texts == [""]:
        raise UserError(f"{name}: no text: write one on each line, or give it as an argument")
    return texts
