"""A copy of the pipeline, its code included, that runs elsewhere with parameters of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import sentiment
from sentiment.storage.files import atomic_path, write_json

# What the pipeline is made of, beside its parameters.
CODE = (
    *("dvc.yaml", ".dvcignore", ".dvc/plots", "stages", "inputs"),
    *(f"reports/{name}/README.md" for name in ("inputs", "leak", "memory", "resplit", "width")),
)


def create(root: Path, destination: Path, params: Path) -> None:
    """Bring a workspace up to date with the code in `root` and the parameters in `params`.

    Data, results and DVC's cache that stand in `destination` already are kept, so that only what
    changed runs again. DVC runs there without Git.
    """
    package = Path(sentiment.__file__).parent
    sources = {name: root / name for name in CODE} | {"src/sentiment": package}
    for name, source in sources.items():
        with atomic_path(destination / name) as copy:
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, copy)
    if params.resolve() != (destination / "params.yaml").resolve():
        shutil.copyfile(params, destination / "params.yaml")
    # What stock Keras takes is measured on the project's own data.
    write_json(destination / "reports" / "benchmarks.json", {})
    (destination / ".dvc").mkdir(exist_ok=True)
    config = "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n"
    (destination / ".dvc" / "config").write_text(config, encoding="utf-8")


def run(workspace: Path, *arguments: str) -> int:
    """Run `sentiment ARGUMENTS` there, with the workspace's own code; its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(workspace.resolve() / "src")}
    command = [sys.executable, "-m", "sentiment", *arguments]
    return subprocess.run(command, cwd=workspace, env=environment, check=False).returncode
