"""The champion in MLflow's registry, with all that serving it takes inside, as plain files."""

import dataclasses
import hashlib
import shutil
import tempfile
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pandas as pd

import sentiment
from sentiment.prediction.choice import Choice
from sentiment.prediction.predictor import Prediction
from sentiment.storage.files import sha256, write_json
from sentiment.tracking.store import Store
from sentiment.tracking.trouble import told

NAME, ALIAS = "sentiment", "champion"
SCRIPT = Path(__file__).with_name("served.py")
# What `served` runs of this package, files and whole rooms, and the packages that it imports.
CARRIED = (
    *("__init__.py", "errors.py"),
    *("architectures", "networks", "scans", "storage"),
    *("data/__init__.py", "data/encoding.py", "data/protocols.py", "data/tokenizers.py"),
    *("prediction/__init__.py", "prediction/predictor.py"),
    *("settings/__init__.py", "settings/sections.py"),
)
PACKAGES = (
    *("h5py", "keras", "llvmlite", "mlflow", "nltk", "numba", "numpy", "pandas"),
    *("pydantic", "regex", "scipy", "sklearn", "tensorflow", "tqdm"),
)


def register(root: Path, choice: Choice, dataset: str) -> str:
    """Make `choice` the version of the registered model that has the alias; one line on it.

    What is registered already is not registered again. Raises UserError for a store that cannot
    be used.
    """
    with told():
        store = Store(root)
        with store.lock, tempfile.TemporaryDirectory() as folder:
            number = _version(store, Path(folder), choice, dataset)
            store.client.set_registered_model_alias(NAME, ALIAS, number)
    return (
        f"models:/{NAME}@{ALIAS} is version {number}: {choice.cell}, seed {choice.seed}, val acc "
        f"{choice.val_acc:.4f} ({choice.mean_val_acc:.4f} in the mean over seeds)"
    )


def requirements() -> list[str]:
    """`package==version` of what PACKAGES belong to, as installed here."""
    owners = packages_distributions()
    names = {owner for package in PACKAGES for owner in owners[package]}
    return sorted(f"{name}=={version(name)}" for name in names)


def _version(store: Store, folder: Path, choice: Choice, dataset: str) -> str:
    """Number of the version that has these very files; it is made if there is none."""
    files = _assemble(folder, choice)
    key = _key(folder)
    found = store.client.search_model_versions(f"name = '{NAME}' and tags.key = '{key}'")
    if found:
        return str(found[0].version)
    logged = store.log_model(
        store.experiment(dataset),
        choice.cell,
        SCRIPT,
        files,
        folder / "sentiment",
        pd.DataFrame({"text": ["A wonderful film with a great cast."]}),
        pd.DataFrame([Prediction("positive", 0.5, ["wonderful"])]),
        requirements(),
    )
    if not store.client.search_registered_models(f"name = '{NAME}'"):
        store.client.create_registered_model(NAME)
    tags = {"key": key, "cell": choice.cell, "seed": choice.seed, "val/acc": choice.val_acc}
    made = store.client.create_model_version(NAME, f"models:/{logged}", tags=tags, model_id=logged)
    return str(made.version)


def _assemble(folder: Path, choice: Choice) -> dict[str, Path]:
    """Put together in `folder` what the model carries; paths of the files that `served` reads."""
    ours = Path(sentiment.__file__).parent
    for name in CARRIED:
        source, target = ours / name, folder / "sentiment" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    files = {
        "kind": folder / "kind.json",
        "vocabulary": folder / "vocabulary.txt",
        "vectors": folder / "vectors.npy",
        "weights": folder / "network.weights.h5",
    }
    write_json(files["kind"], dataclasses.asdict(choice.kind))
    for name in ("vocabulary", "vectors", "weights"):
        shutil.copyfile(getattr(choice, name), files[name])
    return files


def _key(folder: Path) -> str:
    """Hex sha256 over all that is in `folder`, `served` and the requirements."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{path.relative_to(folder).as_posix()} {sha256(path)}" for path in paths]
    lines += [sha256(SCRIPT), *requirements()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
