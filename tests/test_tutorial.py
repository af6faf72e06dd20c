"""What docs/tutorial.md says is typed, and gives what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from documents import ROOT
from projects import bring_compiled
from ruamel.yaml import YAML

TEXT = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
WORDS = {"bows": "Bogen Holz Sehne", "saws": "Säge Zähne Blatt", "nails": "Nagel Kopf Stahl"}


def block(kind: str, number: int = 0) -> str:
    """The code block of this kind, by its place among them."""
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[number]


def call(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Type `line` in `folder`, in an environment in which `sentiment` is installed."""
    binaries = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    where = {"cwd": folder, "env": {**kept, "PATH": binaries, "COLUMNS": "100"}}
    return subprocess.run(
        ["bash", "-c", line], **where, capture_output=True, text=True, check=False
    )


def must(folder: Path, line: str) -> str:
    done = call(folder, line)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def write_table(path: Path) -> None:
    """Texts whose words say their class, ten makers, and a row without a text."""
    chance, rows = np.random.default_rng(0), []
    for number in range(150):
        section = list(WORDS)[number % 3]
        said = [*WORDS[section].split(), *["ein", "eine", "aus", "mit", "und"]]
        text = " ".join(chance.choice(said, chance.integers(4, 9)))
        rows.append((text, section, f"maker {chance.integers(10)}"))
    rows.append(("", "bows", "maker 1"))
    pd.DataFrame(rows, columns=["text", "section", "maker"]).to_csv(path, index=False)


def make_small(project: Path) -> None:
    """Fewer and smaller networks than a project has, so that the test is short."""
    yaml = YAML()
    params = yaml.load(project / "params.yaml")
    models = {"birnn-2": {"architecture": "birnn", "units": 2}}
    models |= {"lstm-3": {"architecture": "lstm", "units": 3}}
    params["models"] = models
    params["grid"] |= {"models": list(models), "baselines": ["majority", "nbsvm"]}
    params["explore"]["networks"] = {"lstm-3": {"protocol": "grouped", "model": "lstm-3"}}
    params["questions"] |= {"contrasts": {"Is it?": [["lstm-3", "birnn-2"]]}, "trends": {}}
    params["vectors"] |= {"dimensions": 8, "epochs": 5}
    params["train"]["epochs"], params["seeds"] = 2, [0, 1]
    yaml.dump(params, project / "params.yaml")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the tutorial, made and run as it says."""
    folder = tmp_path_factory.mktemp("tutorial")
    write_table(folder / "tools.csv")
    said = must(folder, "sentiment init tools --data tools.csv --group maker")
    assert "151 rows: text from column 'text', label from column 'section', group from" in said
    assert "3 classes: bows (51), nails (50), saws (50)." in said
    assert said.splitlines()[-1] == "The next commands: cd tools && make results"
    make_small(folder / "tools")
    bring_compiled(tmp_path_factory, folder / "tools")
    told = must(folder, "cd tools && make results")
    assert "| LSTM   | 3" in told
    return folder / "tools"


def test_a_table_becomes_tables_and_a_page_that_speak_of_it_alone(project: Path) -> None:
    page = (project / "reports/index.html").read_text(encoding="utf-8")
    tables = (project / "reports/comparison.md").read_text(encoding="utf-8")
    assert "<h1>Recurrent networks on tools, compared</h1>" in page
    assert "that tell bows, nails and" in page
    assert re.search(r">no text</th>\s*<td>1</td>\s*<td>152</td>", page)
    shown = re.sub(r"<style>.*?</style>|<script>.*?</script>|src=\"[^\"]*\"", "", page, flags=re.S)
    for text in (shown, tables):
        others = "movie|film|imdb|positive|negative|lesson|Missing:"
        assert re.findall(others, text, re.IGNORECASE) == []
    counted = pd.read_csv(project / "reports/comparison/confusion.csv")
    assert set(counted.label) == {"bows", "nails", "saws"}


def test_no_maker_is_in_two_parts(project: Path) -> None:
    reviews = pd.read_parquet(project / "data/reviews.parquet").set_index("id")
    cell = pd.read_parquet(project / "data/probabilities/grouped/lstm-3.parquet")
    parts = cell.set_index("id").part
    groups = [set(reviews.group[parts.index[parts == part]]) for part in ("validation", "test")]
    rest = set(reviews.group[~reviews.index.isin(parts.index) & reviews.label.notna()])
    assert not groups[0] & groups[1]
    assert not rest & (groups[0] | groups[1])


def test_the_network_that_validates_best_names_a_class_and_can_be_served(project: Path) -> None:
    head, answer = must(project, 'sentiment predict "Ein Bogen aus hartem Holz"').splitlines()
    assert head.split()[:2] == ["label", "P(label)"]
    label, probability, *_ = answer.split()
    assert label in WORDS
    assert 1 / 3 < float(probability) <= 1
    assert "models:/sentiment@champion is version 1" in must(project, "sentiment champion")


def test_a_network_of_ones_own_trains_alone_and_has_its_row(project: Path) -> None:
    (project / "src/sentiment/architectures/pooled.py").write_text(block("python"))
    yaml = YAML()
    params = yaml.load(project / "params.yaml")
    added = yaml.load(block("yaml"))
    params["models"] |= added["models"]
    params["grid"]["models"] += added["grid"]["models"]
    yaml.dump(params, project / "params.yaml")
    told = must(project, "make results")
    assert "| pooled | 20" in told
    trained = [line for line in told.splitlines() if line.startswith("train@")]
    assert {line.split(" ")[0] for line in trained} == {"train@grouped-pooled-20"}


def test_a_folder_with_a_project_is_left_as_it_is(project: Path) -> None:
    before = (project / "params.yaml").read_bytes()
    refused = call(project.parent, "sentiment init tools --data tools.csv")
    assert refused.returncode == 1
    assert refused.stderr == "error: tools: there is a project already: name another folder\n"
    assert (project / "params.yaml").read_bytes() == before
