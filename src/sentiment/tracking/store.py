"""The MLflow store: opened or created, and spoken to in plain values.

The only module that imports mlflow, beside `served`, which MLflow itself runs; and only where a
store is opened: the import takes seconds.
"""

import contextlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from sentiment.tracking import overview
from sentiment.tracking.lease import Lease, is_gone

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # Seconds and tries; by MLflow's own defaults a server that is down takes minutes.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}
# Seconds that a writer waits for others.
PATIENCE = 120
# MLflow takes at most 1,000 metrics in a call.
BATCH = 1000


class Point(NamedTuple):
    """One value of a metric; `time` in milliseconds since 1970."""

    name: str
    value: float
    time: int
    step: int


class Store:
    """One MLflow store; its `lock` serialises those who write to it."""

    def __init__(self, root: Path) -> None:
        """Open or create the store: MLFLOW_TRACKING_URI, else `mlflow.db` in `root`."""
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        for name in ("alembic", "urllib3"):
            logging.getLogger(name).setLevel(logging.ERROR)
        # It prints a stack for each error of the database that it raises as well.
        logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
        from mlflow import MlflowClient, entities
        from mlflow.exceptions import MlflowException

        self.entities = entities
        self.root = root.resolve()
        own, scratch = self.root / "mlflow.db", self.root / ".sentiment"
        self.uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{own}"
        scratch.mkdir(exist_ok=True)
        self._file = FileLock(scratch / "mlflow.lock", timeout=PATIENCE)
        self._lease: Lease | None = None
        with self._file:
            # The first contact creates the tables; two that do so at once fail.
            if self.uri == f"sqlite:///{own}" and not own.exists():
                # One that is killed leaves what no other can open.
                with tempfile.TemporaryDirectory(dir=scratch) as folder:
                    unfinished = Path(folder) / own.name
                    MlflowClient(f"sqlite:///{unfinished}").search_experiments(max_results=1)
                    unfinished.rename(own)
            self.client = MlflowClient(self.uri)
            self.client.search_experiments(max_results=1)
        if not self.uri.startswith("sqlite:"):
            self._lease = Lease(self.client, MlflowException, PATIENCE)

    @property
    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Held while runs are written: of this project, and of all that write to a server.

        It can be taken again while it is held. Raises Timeout or TimeoutError where others hold on.
        """
        return self._held()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        with self._file, self._lease.taken() if self._lease else contextlib.nullcontext():
            yield

    def experiment(self, dataset: str) -> str:
        """Id of the data set's experiment; created, restored and described where needed."""
        name = "sentiment" if dataset == "imdb" else f"sentiment-{dataset}"
        with self.lock:
            found = self.client.get_experiment_by_name(name)
            if found is None:
                local = self.uri.startswith("sqlite:")
                folder = (self.root / "mlartifacts").as_uri() if local else None
                found = self.client.get_experiment(self.client.create_experiment(name, folder))
            if found.lifecycle_stage == "deleted":
                self.client.restore_experiment(found.experiment_id)
            for tag, value in overview.TAGS.items():
                if found.tags.get(tag) != value:
                    self.client.set_experiment_tag(found.experiment_id, tag, value)
        return found.experiment_id

    def runs(self, experiment: str, stage: str | None = None) -> dict[str, list[Any]]:
        """Runs by key, in whatever state they are, of the experiment or of one stage of it.

        Live runs whose process is gone are closed, and second runs of a key that started at the
        same moment are deleted: two computers that write to one server share no lock. A run that
        ended before it started ends with its last epoch. Caller holds the lock.
        """
        where = f"tags.`dvc.stage` = '{stage}'" if stage else ""
        found = self.client.search_runs([experiment], filter_string=where, max_results=50_000)
        runs: dict[str, list[Any]] = {}
        for run in sorted(found, key=lambda run: (run.info.start_time, run.info.run_id)):
            if is_gone(run.data.tags.get("live", "")):
                self.close(run.info.run_id, "KILLED")
            elif (run.info.end_time or run.info.start_time) < run.info.start_time:
                self._end_with_last_epoch(run)
            if "dvc.key" not in run.data.tags:
                continue
            same = runs.setdefault(run.data.tags["dvc.key"], [])
            if same and same[-1].info.start_time == run.info.start_time:
                self.client.delete_run(run.info.run_id)
            else:
                same.append(run)
        return runs

    def _end_with_last_epoch(self, run: Any) -> None:
        epochs = self.client.get_metric_history(run.info.run_id, "train/acc")
        ended = max([run.info.start_time, *(point.timestamp for point in epochs)])
        self.client.set_terminated(run.info.run_id, run.info.status, ended)

    def create(
        self, experiment: str, name: str, tags: dict[str, str], started: int | None = None
    ) -> Any:
        """A new run; it starts now unless a time in milliseconds since 1970 is given."""
        return self.client.create_run(experiment, started, tags, name)

    def log(
        self,
        run_id: str,
        points: Sequence[Point] = (),
        params: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        """Write to a run in as few calls as there can be."""
        metrics = [self.entities.Metric(p.name, p.value, p.time, p.step) for p in points]
        for start in range(0, len(metrics), BATCH):
            self.client.log_batch(run_id, metrics=metrics[start : start + BATCH])
        if params or tags:
            self.client.log_batch(
                run_id,
                params=[self.entities.Param(*pair) for pair in (params or {}).items()],
                tags=[self.entities.RunTag(*pair) for pair in (tags or {}).items()],
            )

    def log_dataset(self, run_id: str, name: str, digest: str, path: str) -> None:
        """Say which data a run is based on; MLflow has room for 36 characters of the digest."""
        dataset = self.entities.Dataset(name, digest[:36], "dvc", json.dumps({"path": path}))
        self.client.log_inputs(run_id, [self.entities.DatasetInput(dataset)])

    def log_model(
        self,
        experiment: str,
        name: str,
        script: Path,
        files: dict[str, Path],
        code: Path,
        example: Any,
        answer: Any,
        requirements: list[str],
    ) -> str:
        """Id of a new model: `script` answers, with `files` and the package `code` beside it.

        Its signature is that of the frames `example` and `answer`. Nothing is pickled.
        """
        import mlflow

        mlflow.set_tracking_uri(self.uri)
        mlflow.set_experiment(experiment_id=experiment)
        # MLflow imports the code where the model lies, and would leave its bytecode there.
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            logged = mlflow.pyfunc.log_model(
                name=name,
                python_model=str(script),
                artifacts={key: str(path) for key, path in files.items()},
                code_paths=[str(code)],
                signature=mlflow.models.infer_signature(example, answer),
                input_example=example,
                pip_requirements=requirements,
            )
        finally:
            sys.dont_write_bytecode = before
        return logged.model_id

    def artifacts(self, run_id: str) -> dict[str, int]:
        """Name and size of each file in a run's top folder."""
        return {file.path: file.file_size or 0 for file in self.client.list_artifacts(run_id)}

    def log_artifacts(self, run_id: str, files: Mapping[str, bytes]) -> None:
        """Write files, by name, to a run's top folder."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                (Path(folder) / name).write_bytes(content)
                self.client.log_artifact(run_id, str(Path(folder) / name))

    def close(self, run_id: str, status: str) -> None:
        """End a live run that came to nothing, as FAILED or KILLED."""
        self.client.set_tag(run_id, "current", "false")
        self.client.delete_tag(run_id, "live")
        self.client.set_terminated(run_id, status)
