"""Long trainings, dealt out seed by seed where more machines are free than stages are ready."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sentiment.cluster.work import Part
from sentiment.running import apart
from sentiment.settings import cells
from sentiment.settings.params import Params
from sentiment.storage.files import atomic_path

# Seconds from which a training is dealt out: to start one somewhere takes some ten of them.
LONG = 120.0


class Parts:
    """The seeds of cells that are trained elsewhere, and kept here until their stage finds them."""

    def __init__(self, root: Path, settings: Params) -> None:
        """`root` is the project's folder."""
        self.root, self.seeds = root, settings.seeds
        self.cells = {cell.stage("train"): cell for cell in cells.of(settings)}
        self.left: dict[str, set[Part]] = {}  # by stage, those that have not ended

    def deal(
        self, tasks: Sequence[list[str]], expected: Mapping[str, float], idle: int
    ) -> list[tuple[list[str], Part | None]]:
        """Those of `tasks`, with long trainings in parts as long as machines are `idle`."""
        dealt: list[tuple[list[str], Part | None]] = []
        for stages in tasks:
            parts = self._parts(stages[0]) if len(stages) == 1 and idle > 0 else []
            if len(parts) > 1 and expected[stages[0]] > LONG:
                idle -= len(parts) - 1
                self.left[stages[0]] = set(parts)
                dealt += [(stages, part) for part in parts]
            else:
                dealt.append((stages, None))
        return dealt

    def end(self, stage: str, part: Part, files: Mapping[str, bytes]) -> bool:
        """Keep the files of a part that ended; whether it was the last that its stage waits for."""
        for folder in {Path(name).parent for name in files}:
            with atomic_path(self.root / apart.SEEDS / folder) as place:
                place.mkdir()
                for name, content in files.items():
                    if Path(name).parent == folder:
                        (place / Path(name).name).write_bytes(content)
        left = self.left.get(stage, set())
        left.discard(part)
        return not left and self.left.pop(stage, None) is not None

    def fail(self, stage: str) -> bool:
        """Wait no more for parts of `stage`; whether it was waited for."""
        return self.left.pop(stage, None) is not None

    def _parts(self, stage: str) -> list[Part]:
        """Those that are not kept here, whatever they were kept for: the stage itself looks."""
        if stage not in self.cells:
            return []
        cell = self.cells[stage]
        kept = self.root / apart.SEEDS / cell.name
        return [Part(cell, seed) for seed in self.seeds if not any(kept.glob(f"*/seed-{seed}"))]
