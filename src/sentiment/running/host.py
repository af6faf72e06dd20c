"""The machine and the packages that made a result; told beside it, never part of it."""

import os
import platform
from importlib.metadata import version
from typing import Any

import psutil

PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "scipy",
    "numba",
    "gensim",
    "scikit-learn",
    "dvc",
    "mlflow",
)
# Whose versions decide the bytes of a training, beside the code of this project.
DECISIVE = ("python", "numpy", "scipy", "numba", "keras", "tensorflow")


def describe() -> dict[str, Any]:
    """Processor, cores, memory in GiB, system, and versions of what computes."""
    return {
        "host": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 2**30),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "versions": {"python": platform.python_version(), **{p: _version(p) for p in PACKAGES}},
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or "unknown"


def _version(package: str) -> str:
    # The same library comes under another name where its wheel leaves the accelerators out.
    names = [package, f"{package}-cpu"]
    for name in names:
        try:
            return version(name)
        except ModuleNotFoundError:
            continue
    return "not installed"
