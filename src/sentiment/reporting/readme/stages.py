"""The pipeline as dvc.yaml has it: a table of its stages, and a diagram of what feeds what."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
from ruamel.yaml import YAML

Yaml = dict[str, Any]


def load(root: Path) -> tuple[Yaml, Yaml]:
    """The stages of dvc.yaml, and params.yaml, whose values stand in their paths."""
    yaml = YAML(typ="safe", pure=True)
    stages = yaml.load(root / "dvc.yaml")["stages"]
    return {name: _whole(stage) for name, stage in stages.items()}, yaml.load(root / "params.yaml")


def _whole(stage: Yaml) -> Yaml:
    """A stage for each key of a mapping, which has the rest below `do`, as one of a matrix."""
    if "do" not in stage:
        return stage
    name = stage["foreach"].strip("${}").rpartition(".")[2].removesuffix("s")
    return {**stage["do"], "matrix": {name: stage["foreach"]}, "foreach": stage["foreach"]}


def table(stages: Yaml) -> str:
    """A row a stage, in the order of dvc.yaml: what it does, and for what it runs once each."""
    rows = [
        (f"`{name}`", stage["desc"], ", ".join(stage.get("matrix", ())))
        for name, stage in stages.items()
    ]
    shown = pd.DataFrame(rows, columns=["stage", "what it does", "once for each"])
    return shown.to_markdown(index=False) + "\n"


def diagram(stages: Yaml, params: Yaml) -> str:
    """A Mermaid flowchart: a node for the stages of one script, an arrow where files go.

    An arrow is left out where others lead the same way.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(map(_script, stages.values()))
    made = [(_script(stage), path) for stage in stages.values() for path in _outs(stage, params)]
    for stage in stages.values():
        data = [dep for dep in stage["deps"] if not dep.startswith(("src/", "stages/"))]
        read = set(_resolved(data, stage, params))
        graph.add_edges_from(
            (maker, _script(stage)) for maker, out in made if any(_feeds(out, dep) for dep in read)
        )
    nodes = [f"    {_node(name, stages)}" for name in graph]
    reduced = set(nx.transitive_reduction(graph).edges)
    arrows = [f"    {a} --> {b}" for a, b in graph.edges if (a, b) in reduced]
    return "\n".join(["```mermaid", "flowchart LR", *nodes, *arrows, "```", ""])


def _script(stage: Yaml) -> str:
    words = stage["cmd"].split()
    return Path(words[words.index("python") + 1]).stem


def _node(script: str, stages: Yaml) -> str:
    """Its name, and below it the lists of which it takes one of each."""
    lists = next(s.get("matrix", {}) for s in stages.values() if _script(s) == script)
    return f'{script}["{"<br>× ".join([f"<b>{script}</b>", *lists])}"]'


def _outs(stage: Yaml, params: Yaml) -> Iterator[str]:
    outs = [*stage.get("outs", ()), *stage.get("metrics", ())]
    # An out with settings of its own is a mapping from its path.
    paths = [out if isinstance(out, str) else next(iter(out)) for out in outs]
    return _resolved(paths, stage, params)


def _resolved(paths: list[str], stage: Yaml, params: Yaml) -> Iterator[str]:
    """`paths` for every item of the stage's matrix."""
    lists = {name: _items(values, params) for name, values in stage.get("matrix", {}).items()}
    for item in itertools.product(*lists.values()):
        known = {**params, "item": dict(zip(lists, item, strict=True))}
        if "foreach" in stage:
            # Here the item is what stands under the key.
            known |= {"key": item[0], "item": _at(stage["foreach"][2:-1], params)[item[0]]}
        yield from (_filled(path, known) for path in paths)


def _items(values: str | list[str], params: Yaml) -> list[str]:
    """What a list of the matrix holds: written out, or named as `${key}` of params.yaml."""
    if isinstance(values, str):
        return list(_at(values[2:-1], params))
    return [_filled(value, params) for value in values]


def _filled(text: str, known: Yaml) -> str:
    return re.sub(r"\$\{([^}]+)\}", lambda found: str(_at(found[1], known)), text)


def _at(key: str, known: Any) -> Any:
    """What stands under `key`, as DVC writes it: `grid.protocols[0]`."""
    for part in key.replace("[", ".").replace("]", "").split("."):
        known = known[int(part) if isinstance(known, list) else part]
    return known


def _feeds(out: str, dep: str) -> bool:
    """Whether one of them is, or lies in, the other."""
    return f"{out}/".startswith(f"{dep}/") or f"{dep}/".startswith(f"{out}/")
