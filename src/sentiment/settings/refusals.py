"""What is said of a params.yaml that is refused, a clause for each wrong key."""

from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from sentiment.settings.sections import Section


def describe(error: Any, top: type[Section]) -> str:
    """The key with what is wrong there, of one of pydantic's errors about a `top`."""
    key = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if not key.isprintable():
        # On a terminal it would do what it says.
        key = repr(key)[1:-1]
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key; allowed here: {', '.join(_allowed(error['loc'][:-1], top))}"
    if error["type"] == "missing":
        return f"{key}: missing"
    message = error["msg"].removeprefix("Value error, ")
    given = f", not {error['input']!r}" if isinstance(error["input"], str | int | float) else ""
    return f"{key}: {message}{given}" if key else message


def _allowed(location: tuple[str | int, ...], top: type[Section]) -> list[str]:
    """Keys of the section at `location`, found by walking the annotations."""
    here: Any = top
    for part in location:
        if isinstance(part, int):
            here = get_args(here)[0]
        else:
            is_mapping = get_origin(here) is dict
            here = get_args(here)[1] if is_mapping else here.model_fields[part].annotation
        if get_origin(here) is UnionType:
            (here,) = (kind for kind in get_args(here) if kind is not NoneType)
    return list(here.model_fields)
