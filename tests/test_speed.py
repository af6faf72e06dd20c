from typing import Any

from sentiment.reporting.study import speed


def record(implementation: str, allocator: str, milliseconds: float) -> dict[str, Any]:
    case = {"architecture": "rnn", "units": 50, "threads": 1}
    times = {f"step_ms_{which}": milliseconds for which in ("low", "median", "high")}
    others = {"forward_ms_median": milliseconds / 3, "peak_mb": 900}
    return {"implementation": implementation, "allocator": allocator, **case, **times, **others}


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]


def test_faster_is_stock_kerass_time_over_ours_under_the_same_allocator() -> None:
    records = [record("ours", "default", 8.0), record("ours", "tuned", 5.0)]
    records += [record("keras", "default", 40.0), record("keras", "tuned", 45.0)]
    header, _, row = cells(speed.markdown(records))
    assert header == ["architecture", "units", "ours", "stock Keras", "faster"]
    assert row == ["rnn", "50", "8.0 / 5.0", "40.0 / 45.0", "5.0× / 9.0×"]


def test_what_was_not_measured_is_left_blank_and_not_compared() -> None:
    records = [record("ours", "default", 8.0), record("keras", "tuned", 45.0)]
    *_, row = cells(speed.markdown(records))
    assert row == ["rnn", "50", "8.0 /", "/ 45.0", "/"]


def test_memory_is_no_time_and_so_never_faster() -> None:
    records = [record(name, "default", 1.0) for name in ("ours", "keras")]
    header, *_ = cells(speed.markdown(records, "peak_mb"))
    assert "faster" not in header
