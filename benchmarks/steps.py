"""A training step and inference: this project's beside stock Keras, Keras on JAX and PyTorch.

This project's twice, for both of its targets: `ours` is portable, as the study is computed. All
implementations of a case take turns on one core, so that whatever else slows the machine slows all
alike. Writes benchmarks.json and benchmarks.md to the output folder.
"""

import argparse
import sys
import tempfile
import time
from importlib import metadata, util
from itertools import product
from pathlib import Path
from typing import Any

import bounds
import implementations
import turns

import inputs
from sentiment.reporting.study import speed
from sentiment.running import host
from sentiment.storage.files import write_json, write_text

PEERS = ("jax", "torch")  # beside what `host.describe` names
ARCHITECTURES = ["rnn", "birnn", "lstm", "bilstm", "gru", "bigru"]


def main() -> None:
    """Measure what the arguments ask for and write the report."""
    asked = arguments()
    found, missing = available(asked.implementations)
    for peer in missing:
        print(f"left out: {peer['implementation']}: {peer['reason']}")
    origin, arrays = inputs.load(asked.data)
    data, records, calculated = inputs.describe(origin, arrays), [], []
    rate = bounds.best_rate()
    with tempfile.TemporaryDirectory() as folder:
        inputs.save(Path(folder), arrays)
        del arrays
        for architecture, units in product(asked.architectures, asked.units):
            started = time.perf_counter()
            calculated.append(bounds.bound(architecture, units, data))
            case = (architecture, units)
            measured, failed = turns.measure(found, case, Path(folder), asked.rounds, asked.times)
            records += measured
            missing += failed
            print(f"{architecture}-{units}: {time.perf_counter() - started:.0f} s", flush=True)
    report = {
        "host": host.describe(),
        "versions": {peer: metadata.version(peer) for peer in PEERS if util.find_spec(peer)},
        "data": data,
        "gflops": rate,
        "records": records,
        "bounds": calculated,
        "missing": missing,
    }
    write(asked.output, report)
    print(speed.markdown(records))
    if any(record["implementation"].startswith("ours") for record in missing):
        sys.exit("error: not all of our own steps ran: see 'missing' in benchmarks.json")


def write(folder: Path, report: dict[str, Any]) -> None:
    """Both files of a report."""
    write_json(folder / "benchmarks.json", report)
    write_text(folder / "benchmarks.md", speed.page(report))


def available(names: list[str]) -> tuple[list[str], list[dict[str, Any]]]:
    """Implementations that can run here, and those that cannot, with the reason."""
    lacking = {name: implementations.lacking(name) for name in names}
    missing = [
        {"implementation": name, "reason": f"{', '.join(modules)} not installed"}
        for name, modules in lacking.items()
        if modules
    ]
    return [name for name in names if not lacking[name]], missing


def arguments() -> argparse.Namespace:
    """The command line; its defaults are the whole benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = list(implementations.MODULES)
    four = ["rnn", "birnn", "lstm", "gru"]
    parser.add_argument("--implementations", nargs="+", choices=known, default=known)
    parser.add_argument("--architectures", nargs="+", choices=ARCHITECTURES, default=four)
    parser.add_argument("--units", nargs="+", type=int, default=[1, 10, 50, 128])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each implementation")
    parser.add_argument("--times", type=int, default=2, help="timed calls in a turn")
    parser.add_argument(
        "--data", type=Path, default=Path("data/lecture/reviews"), help="tokens, vectors"
    )
    parser.add_argument("--output", type=Path, default=Path("reports"), help="folder to write to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
