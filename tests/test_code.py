"""Equal code has an equal hash, wherever it lies and however it was loaded; other code another."""

from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from sentiment.running import code

SOURCES = {"sentiment": "", "sentiment.steps": "a = 1\n", "__main__": "import sentiment.steps\n"}


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`digest(sources, folder)`: the hash where these modules are loaded from that folder."""

    def load(sources: dict[str, str], folder: str = "here") -> str:
        modules = {"sentimental": ModuleType("sentimental"), "sys": ModuleType("sys")}
        modules["sentimental"].__file__ = str(tmp_path / "no such file")
        for name, source in sources.items():
            path = tmp_path / folder / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(source)
            modules[name] = ModuleType(name)
            modules[name].__file__ = str(path)
        monkeypatch.setattr(code, "sys", SimpleNamespace(modules=modules))
        return code.digest()

    return load


def test_neither_the_folder_nor_the_order_of_imports_has_a_part(digest) -> None:
    turned = dict(reversed(SOURCES.items()))
    assert digest(SOURCES) == digest(turned) == digest(SOURCES, "elsewhere")


@pytest.mark.parametrize(
    "change",
    [
        {"sentiment.steps": "a = 2\n"},
        {"sentiment.more": ""},
        {"__main__": "import sentiment\n"},
    ],
)
def test_what_a_module_says_and_which_are_loaded_decide(digest, change: dict[str, str]) -> None:
    assert digest({**SOURCES, **change}) != digest(SOURCES)


def test_a_module_of_another_name_is_other_code(digest) -> None:
    sources = {name.replace("steps", "batches"): text for name, text in SOURCES.items()}
    assert digest(sources) != digest(SOURCES)


def test_a_script_without_a_file_is_left_out(digest) -> None:
    whole = digest({"sentiment": ""})
    code.sys.modules["__main__"] = ModuleType("__main__")
    assert code.digest() == whole
