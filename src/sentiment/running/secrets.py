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
    secret = {value for name, value in remote.items() if _is_private(name) and len(value) > 3}
    # A short value, as of TOKENIZERS_PARALLELISM, is a word like others.
    secret |= {value for name, value in os.environ.items() if _is_private(name) and len(value) > 7}
    for value in sorted(secret, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return LOGIN.sub(f"{HIDDEN}@", text)


def _is_private(name: str) -> bool:
    return any(part in name.lower() for part in PRIVATE)
