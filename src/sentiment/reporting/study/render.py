"""Markdown into one HTML file that holds its pictures and loads nothing."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sentiment.settings.sections import Dataset

# Headings of a section's text stand two levels below those of a text alone.
BELOW = 2
LESSON = "lesson"


class Section(NamedTuple):
    """A part of the page, `text` in markdown."""

    name: str
    title: str
    text: str


def page(sections: Sequence[Section], dataset: Dataset) -> str:
    """The whole file; equal sections and pictures give equal text."""
    loader = PackageLoader("sentiment.reporting", "study")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    template = environment.get_template("page.html")
    return template.render(sections=sections, html=html, dataset=dataset) + "\n"


def html(section: Section) -> str:
    """The section's text; a picture that is not there is named in its place."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    for name, rule in {"image": _image, "table_open": _open, "table_close": _close}.items():
        parser.add_render_rule(name, rule)
    tokens = parser.parse(section.text)
    _describe(tokens, section.title)
    return str(parser.renderer.render(tokens, parser.options, {}))


def _describe(tokens: list[Token], caption: str) -> None:
    """Give headings their level, and tables their captions, headings of columns and of rows."""
    column, of_lesson = 0, set[int]()
    # A cell is three tokens: its beginning, what it holds, its end.
    for token, held, end in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.type == "heading_open":
            caption = "".join(child.content for child in held.children or ())
            token.tag = end.tag = f"h{int(token.tag[1]) + BELOW}"
        elif token.type == "table_open":
            token.meta["caption"], of_lesson = caption, set()
        elif token.type == "tr_open":
            column = 0
        elif token.type in ("th_open", "td_open"):
            if token.type == "th_open" and held.content.startswith(LESSON):
                of_lesson.add(column)
            _cell(token, end, column, held.content, column in of_lesson)
            column += 1


def _cell(token: Token, end: Token, column: int, content: str, of_lesson: bool) -> None:
    heads = token.type == "th_open"
    token.tag = end.tag = "th" if content and (heads or column == 0) else "td"
    token.attrs = {"scope": "col" if heads else "row"} if token.tag == "th" else {}
    if of_lesson:
        token.attrs["class"] = LESSON


def _open(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
    caption = escape(tokens[at].meta["caption"])
    return f"{_scroll(caption)}<table><caption>{caption}</caption>\n"


def _close(*_: Any) -> str:
    return "</table></div>\n"


def _image(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
    alternative = escape(tokens[at].content)
    path = Path(unquote(str(tokens[at].attrs["src"])))
    if not path.is_file():
        return f"<strong>Missing: the picture {escape(path.name)}, “{alternative}”.</strong>"
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    shown = f'<img alt="{alternative}" src="data:image/png;base64,{data}">'
    return f"{_scroll(alternative, 'span')}{shown}</span>"


def _scroll(label: str, tag: str = "div") -> str:
    """What is wider than the window moves in a box of its own, by keyboard too."""
    return f'<{tag} class="scroll" role="group" tabindex="0" aria-label="{label}">'
