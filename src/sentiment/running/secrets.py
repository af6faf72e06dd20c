"""Keeps names and passwords of a remote out of what is shown and written."""

import os
import re
from collections.abc import Mapping

# Parts of the names of settings and variables whose values are nobody's business.
PRIVATE = ("password", "secret", "token", "key", "credential", "connection_string", "sas")
# What stands between a URL's scheme and its host.
LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
HIDDEN = "***"


def hide(text: str, remote: Mapping[str, str]) -> str:
    """`text` without the secrets of the remote's settings and of this process's environment."""
    known = [*remote.items(), *os.environ.items()]
    secret = {value for name, value in known if _is_private(name) and len(value) > 3}
    for value in sorted(secret, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return LOGIN.sub(f"{HIDDEN}@", text)


def _is_private(name: str) -> bool:
    return any(part in name.lower() for part in PRIVATE)
