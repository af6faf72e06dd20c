"""dvc.yaml says of each stage what it reads: its modules, its parameters, its files."""

import ast
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sentiment.running import code, workspace

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "sentiment"
SERVED = "sentiment.tracking.served"
PIPELINE = YAML(typ="safe").load(ROOT / "dvc.yaml")
# A stage for each item of a mapping says what it does below `do`.
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE["stages"].items()}


def module_file(name: str) -> Path | None:
    """`sentiment.x.y` -> its file below src, if it is a module of ours."""
    path = ROOT / "src" / Path(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def imported_names(file: Path) -> set[str]:
    """Names of modules that `file` imports anywhere, and of what it takes from them."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def imported_modules(file: Path) -> set[str]:
    """Names of our modules that `file` imports anywhere, with the packages around them."""
    names = imported_names(file)
    ours = {name for name in names if name.startswith("sentiment") and module_file(name)}
    return ours | {name.rpartition(".")[0] for name in ours if "." in name}


def import_closure(file: Path) -> set[str]:
    """Paths, relative to the root, of every module of ours that running `file` loads."""
    found, waiting = set(), imported_modules(file)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            # What stands outside is followed no further: nothing behind it is a dependency either.
            waiting |= imported_modules(module_file(name)) if not outside(name) else set()
    files = {module_file(name) for name in found}
    # A package's templates belong to it.
    files |= {page for file in files for page in file.parent.glob("*.html")}
    return {file.relative_to(ROOT).as_posix() for file in files}


def outside(module: str) -> bool:
    """Whether no stage depends on the module, on purpose."""
    _, _, name = module.partition("sentiment.")
    return any(module_file(module) == PACKAGE / path for path in code.OUTSIDE) or any(
        name == path or name.startswith(f"{path}.") for path in code.OUTSIDE
    )


def code_deps(stage: dict) -> list[str]:
    return [dep for dep in stage["deps"] if dep.startswith(("src/", "stages/"))]


def stage_file(stage: dict) -> Path:
    words = stage["cmd"].split()
    return ROOT / words[words.index("python") + 1]


def is_in(file: str, places: list[str]) -> bool:
    return any(file == place or file.startswith(f"{place}/") for place in places)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_all_that_it_imports_but_what_stands_outside(name: str) -> None:
    file = stage_file(STAGES[name])
    deps = code_deps(STAGES[name])
    kept_out = [f"src/sentiment/{path}" for path in code.OUTSIDE]
    loaded = {path for path in import_closure(file) if not is_in(path, kept_out)}
    # The room of a package's own file may be only half a dependency: it says what the room is.
    loaded = {path for path in loaded if not path.endswith("__init__.py")}
    assert [path for path in sorted(loaded) if not is_in(path, deps)] == []


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_no_room_that_neither_it_nor_its_rooms_import(name: str) -> None:
    deps = code_deps(STAGES[name])
    files = [file for dep in deps for file in ([ROOT / dep], (ROOT / dep).rglob("*.py"))]
    loaded = set().union(
        *(import_closure(path) for file in files for path in file if path.is_file())
    )
    unused = [dep for dep in deps[1:] if not any(is_in(file, [dep]) for file in loaded)]
    # Architectures are found by name.
    found_by_name = ["src/sentiment/architectures"] if name == "describe" else []
    own = stage_file(STAGES[name]).relative_to(ROOT).as_posix()
    assert [dep for dep in unused if dep not in [*found_by_name, own]] == []


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_named_as_its_file_and_says_what_it_is(name: str) -> None:
    assert stage_file(STAGES[name]).stem == name.removesuffix("-memory")
    assert STAGES[name]["desc"]


@pytest.mark.parametrize("name", STAGES)
def test_files_of_a_stage_stand_in_its_command(name: str) -> None:
    stage = STAGES[name]
    outs = [out for kind in ("outs", "metrics") for out in stage.get(kind, [])]
    paths = [path if isinstance(path, str) else next(iter(path)) for path in outs]
    paths += [dep for dep in stage["deps"] if dep not in code_deps(stage)]
    # Files that params.yaml names are read from there.
    paths = [path for path in paths if path not in ("${vectors.path}", "${evaluation.doubtful}")]
    words = stage["cmd"].split()
    assert [path for path in paths if not is_in(path, words)] == []


@pytest.mark.parametrize("file", sorted((ROOT / "stages").glob("*.py")), ids=lambda f: f.stem)
def test_a_stage_file_has_at_most_sixty_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 60


def test_one_module_imports_mlflow_beside_what_mlflow_runs_and_no_stage_loads_it() -> None:
    users = {
        file.relative_to(ROOT).as_posix()
        for folder in ("src", "stages")
        for file in (ROOT / folder).rglob("*.py")
        if "mlflow" in {name.split(".")[0] for name in imported_names(file)}
    }
    assert users == {f"src/sentiment/tracking/{name}.py" for name in ("store", "served")}
    importers = [file for file in (ROOT / "src").rglob("*.py") if SERVED in imported_names(file)]
    assert importers == []
    for stage in STAGES.values():
        assert not users & import_closure(stage_file(stage))


def test_the_metrics_are_one_table_that_compare_writes() -> None:
    assert [name for name, stage in STAGES.items() if "metrics" in stage] == ["compare"]


def test_every_plot_is_of_a_file_that_compare_writes() -> None:
    outs = {next(iter(out)) for out in STAGES["compare"]["outs"]}
    assert {Path(next(iter(plot))).parent.as_posix() for plot in PIPELINE["plots"]} <= outs


def test_a_plot_has_its_template_in_every_copy_of_the_pipeline(tmp_path: Path) -> None:
    workspace.create(ROOT, tmp_path, ROOT / "params.demo.yaml")
    templates = {plot["template"] for entry in PIPELINE["plots"] for plot in entry.values()}
    there = {file.stem for file in (tmp_path / ".dvc/plots").glob("*.json")}
    assert there == templates
