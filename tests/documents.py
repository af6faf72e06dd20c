"""What README.md and docs/ tell a reader to type, and where a test does so."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TOOLS = ("make", "sentiment", "dvc", "git", "pip", "mlflow", "curl", ".", "export", "cd")

# Typed one after another, in this order, in a small project that has run once.
TYPED = (
    "git status",
    "dvc status",
    "dvc repro --dry --allow-missing",
    "dvc repro",
    "dvc metrics diff",
    "dvc params diff",
    "dvc plots show",
    "dvc exp run -S models.birnn-1.units=2 train@lecture-birnn-1",
    "dvc exp run -S models.birnn-1.units=2 compare",
    "dvc exp show",
    "dvc exp show --only-changed --drop '.*/'",
    "dvc exp remove --all-commits && git checkout . && dvc checkout",
    "dvc remote add --default shared /srv/sentiment",
    "dvc push",
    "dvc pull",
    "dvc checkout",
    "sentiment --help",
    "sentiment predict --json --model lecture-birnn-20 < texts.txt",
    "sentiment run",
    "sentiment sync",
    "sentiment times",
    "sentiment readme",
    "make help",
    "make results",
    "make study",
)
# Where the others are tried, or why they are not.
ELSEWHERE = {
    ". .venv/bin/activate": "the tests run in it",
    "curl localhost:5001/invocations -H 'Content-Type: application/json' -d "
    '\'{"dataframe_split": {"columns": ["text"], "data": [["A wonderful film."]]}}\'': (
        "tests/test_champion.py"
    ),
    "export MLFLOW_TRACKING_URI=sqlite:///mlflow.db": "tests/test_champion.py sets it",
    "git checkout": "takes the name of a commit",
    "dvc remote modify --local shared access_key_id ...": "tests/services/test_remotes.py",
    "dvc remote modify --local shared secret_access_key ...": "tests/services/test_remotes.py",
    "dvc remote add --default shared s3://bucket/path": "tests/services/test_remotes.py",
    'git commit --all --message "Share results"': "tests/services/test_ray.py",
    "sentiment run --engine ray --address first:6379": "tests/services/test_ray.py",
    "sentiment run --engine slurm": "tests/services/test_slurm.py",
    "sentiment run encode describe": "tests/services/test_slurm.py",
    "mlflow server --app-name basic-auth "
    "--backend-store-uri postgresql+psycopg://mlflow@localhost/mlflow "
    "--artifacts-destination /srv/mlflow --host 0.0.0.0 --allowed-hosts tracking.example.org": (
        "tests/services/test_postgresql.py"
    ),
    "export MLFLOW_TRACKING_URI=http://tracking.example.org:5000": (
        "tests/services/test_postgresql.py"
    ),
    "export MLFLOW_TRACKING_USERNAME=... MLFLOW_TRACKING_PASSWORD=...": (
        "tests/services/test_postgresql.py"
    ),
    "pip install '.[cluster]'": "needs the network",
    "pip install '.[team]'": "needs the network",
    "make test-services": "starts servers",
    "make faults": "is tests itself",
    "make lock": "needs the network",
    "make bench": "measures times",
    "make check": "what runs before these tests",
    "make demo": "tests/test_pipeline.py",
    "make doctor": "tests/test_doctor.py, since it asks for the network",
    "make review": "trains a cell; its parts in tests/test_review.py",
    "make setup": "needs the network; what it shows in tests/test_environment.py",
    "make test": "is what runs",
    "make ui": "serves; `sentiment ui`, which it calls, in tests/test_ui.py",
    "mlflow models serve -m models:/sentiment@champion --env-manager local --port 5001": (
        "tests/test_champion.py"
    ),
    "cd tools && make results": "tests/test_tutorial.py",
    "sentiment init": "tests/test_tutorial.py",
    "sentiment init tools --data tools.csv --group maker": "tests/test_tutorial.py",
    'sentiment predict "Ein Bogen aus hartem Holz"': "tests/test_tutorial.py",
    "pip install '.[gpu]'": "needs the network, and a GPU",
    'pip install ".[bench]"': "needs the network",
    "pip install pre-commit && pre-commit install": "needs the network",
    "pip uninstall tensorflow-cpu": "would change the environment of the tests",
    "sentiment champion": "needs bymovie; what it calls in tests/test_champion.py",
    'sentiment predict "A wonderful film with a great cast."': "tests/test_predict.py",
    "sentiment predict --explain --file texts.txt": "tests/test_predict.py",
    'sentiment probe "They wanted to pet the dog whose fur was brown." --model birnn-20 --at dog': (
        "its words are not in reviews made here; what it calls in tests/test_memory.py"
    ),
    "sentiment verify": "trains all cells; tests/test_verification.py",
    "sentiment verify lecture-birnn-1": "trains a cell; tests/test_verification.py",
}


def blocks(text: str) -> list[str]:
    """Lines of code, and code within lines, in which a line may go on; without comments."""
    fenced = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`]+)`", rest)
    lines = [line for block in fenced for line in block.replace("\\\n", "").splitlines()]
    return [" ".join(line.partition(" #")[0].split()) for line in (*lines, *inline)]


def printed(path: Path) -> list[str]:
    """Each command of a document, as it is printed; the mere name of a tool is none."""
    found = blocks(path.read_text(encoding="utf-8"))
    return [line for line in found if line.split(" ")[0] in TOOLS and " " in line]
