"""The README's diagram and table of stages are those of dvc.yaml."""

from pathlib import Path

import pytest

from sentiment.reporting.readme import documents, stages
from sentiment.running import costs

ROOT = Path(__file__).parents[1]
PIPELINE = {
    "a": {"desc": "Make", "cmd": "python stages/a.py", "deps": ["x"], "outs": ["data/${file}"]},
    "b": {
        "desc": "Read",
        "matrix": {"model": "${models}"},
        "cmd": "track -- python stages/b.py",
        "deps": ["data/raw", "stages/b.py"],
        "outs": [{"out/${item.model}": {"cache": False}}],
    },
    "c": {"desc": "Tell", "cmd": "python stages/c.py", "deps": ["out", "data/raw"]},
}
PARAMS = {"file": "raw", "models": ["m", "n"]}


def test_arrows_go_where_files_go_and_never_twice_the_same_way() -> None:
    arrows = [line.strip() for line in stages.diagram(PIPELINE, PARAMS).split("\n") if "->" in line]
    assert arrows == ["a --> b", "b --> c"]


def test_an_item_of_a_list_is_named_as_dvc_names_it() -> None:
    look = {"desc": "Look", "cmd": "python stages/d.py", "deps": ["out/${models[0]}", "src/room"]}
    assert "b --> d" in stages.diagram({**PIPELINE, "d": look}, PARAMS)


def test_a_stage_for_each_key_of_a_mapping_is_one_for_each_of_them(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("draws: {one: 1, two: 2}\n")
    do = "do: {desc: Draw, cmd: python stages/e.py, deps: [x], outs: ['made/${key}']}"
    (tmp_path / "dvc.yaml").write_text(f"stages:\n  e:\n    foreach: ${{draws}}\n    {do}\n")
    pipeline, params = stages.load(tmp_path)
    assert stages.table(pipeline).splitlines()[2].split("|")[3].strip() == "draw"
    told = {"desc": "Tell", "cmd": "python stages/f.py", "deps": ["made/two"]}
    assert "e --> f" in stages.diagram({**pipeline, "f": told}, params)


def test_the_table_has_every_stage_and_what_it_runs_for() -> None:
    rows = stages.table(PIPELINE).splitlines()[2:]
    assert [row.split()[1] for row in rows] == ["`a`", "`b`", "`c`"]
    assert "model" in rows[1]


def test_the_readme_shows_the_stages_as_they_are() -> None:
    pipeline = stages.load(ROOT)
    parts = {"graph": stages.diagram(*pipeline), "stages": stages.table(pipeline[0])}
    for path, text in documents.filled(ROOT, parts).items():
        assert path.read_text(encoding="utf-8") == text, "stale: run `sentiment readme`"


# What DVC imports says so.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_contributing_shows_what_edits_cost_as_it_is() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (filled,) = (
        made
        for path, made in documents.filled(ROOT, {"costs": costs.table(ROOT)}).items()
        if path.name == "CONTRIBUTING.md"
    )
    assert filled == text, "stale: run `sentiment readme`"
