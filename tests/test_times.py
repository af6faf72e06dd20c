"""What stages take is recorded on request alone, and only if one machine took it all."""

from pathlib import Path
from typing import Any

import pytest

from sentiment.errors import UserError
from sentiment.reporting.readme import parts
from sentiment.running import host, times
from sentiment.storage.files import read_json, write_json


def left(root: Path, stage: str, seconds: float, **more: object) -> None:
    """What a stage leaves that ran here."""
    took = {"stage": stage, "started": "2026-01-02T03:00:00+00:00", "seconds": seconds}
    info = {**took, "peak_mb": 700, **host.describe(), **more}
    write_json(root / times.RUNINFO / f"{stage}.json", info)


def test_the_record_has_the_seconds_of_every_stage_and_one_machine(tmp_path: Path) -> None:
    left(tmp_path, "compare", 3.5, source="nobody asked")
    seeds = [
        {"seed": 0, "started": "2026-01-02T03:00:01+00:00", "epoch_seconds": [4.0, 5.25]},
        {"seed": 1, "started": "2026-01-02T03:00:11+00:00", "epoch_seconds": [7.0, 7.0]},
    ]
    left(tmp_path, "train@lecture-rnn-5", 20.0, seeds=seeds)
    assert times.record(tmp_path) == 2
    assert read_json(tmp_path / times.RECORD) == {
        **host.describe(),
        "stages": {
            "compare": {"seconds": 3.5, "peak_mb": 700},
            "train@lecture-rnn-5": {"seconds": 20.0, "peak_mb": 700, "first_seed_seconds": 9.25},
        },
    }


def test_what_did_not_run_here_or_not_as_a_whole_keeps_its_earlier_times(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text("stages: {compare: {}, prepare: {}, train@p-m: {}}")
    for stage in ("compare", "prepare", "gone", "train@p-m"):
        left(tmp_path, stage, 10.0)
    times.record(tmp_path)
    for stage in ("prepare", "gone"):
        (tmp_path / times.RUNINFO / f"{stage}.json").unlink()
    left(tmp_path, "compare", 20.0)
    before = {"seed": 0, "started": "2026-01-02T02:59:59+00:00", "epoch_seconds": [4.0]}
    left(tmp_path, "train@p-m", 1.0, seeds=[before])
    assert times.record(tmp_path) == 3
    seconds = {name: took["seconds"] for name, took in times.recorded(tmp_path).items()}
    assert seconds == {"compare": 20.0, "prepare": 10.0, "train@p-m": 10.0}
    # What another machine took says nothing of this one.
    record = read_json(tmp_path / times.RECORD)
    write_json(tmp_path / times.RECORD, record | {"versions": {}})
    assert times.record(tmp_path) == 2


def test_trainings_of_other_weights_stay_known_with_what_they_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def train(peak: int, *hashes: str) -> dict[str, Any]:
        seeds = [{"seed": seed, "weights": digest} for seed, digest in enumerate(hashes)]
        times.leave({"stage": "train@p-m", "peak_mb": peak, "seeds": seeds})
        return read_json(times.RUNINFO / "train@p-m.json")

    assert "earlier" not in train(1, "a", "b")
    second = train(2, "a", "c")
    assert second["earlier"] == [{"seed": 1, "weights": "b", "peak_mb": 1}]
    assert [seed["weights"] for seed in train(3, "b")["earlier"]] == ["a", "c"]


@pytest.mark.parametrize("what", ["host", "versions"])
def test_stages_of_another_machine_or_other_versions_are_not_recorded(
    tmp_path: Path, what: str
) -> None:
    left(tmp_path, "compare", 3.5)
    left(tmp_path, "prepare", 9.0, **{what: {**host.describe()[what], "cores": 0}})
    with pytest.raises(UserError, match=r"^prepare: it ran on another machine or with other"):
        times.record(tmp_path)
    assert not (tmp_path / times.RECORD).exists()


def test_where_nothing_ran_nothing_is_recorded(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no stage has run here"):
        times.record(tmp_path)
    assert times.recorded(tmp_path) == {}
    assert times.last(tmp_path, "compare") is None


def test_a_stage_takes_what_it_last_took_here_or_else_in_the_study(tmp_path: Path) -> None:
    left(tmp_path, "compare", 3.5)
    times.record(tmp_path)
    assert times.last(tmp_path, "compare") == 3.5
    left(tmp_path, "compare", 9.0)
    assert times.last(tmp_path, "compare") == 9.0
    (tmp_path / times.RUNINFO / "compare.json").unlink()
    assert times.last(tmp_path, "compare") == 3.5


def test_the_readme_sums_stages_of_a_kind_the_longest_lasting_first(tmp_path: Path) -> None:
    left(tmp_path, "compare", 60.0)
    left(tmp_path, "train@lecture-rnn-5", 60.0)
    left(tmp_path, "train@bymovie-rnn-5", 120.0, peak_mb=900)
    times.record(tmp_path)
    text = parts.times(read_json(tmp_path / times.RECORD))
    _, _, *rows = [line for line in text.splitlines() if line.startswith("|")]
    shown = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert shown == [["train", "2", "3.0", "2.0", "900"], ["compare", "1", "1.0", "1.0", "700"]]
    assert host.describe()["host"]["processor"] in text
