"""References that can be said over the telephone and typed back: VC-7K3-9QT."""

from __future__ import annotations

import re
import secrets

#: Without 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: each letter and figure is heard and read as one thing.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 6
_SHAPE = re.compile(rf"^([A-Z]{{2}})-?([{ALPHABET}]{{3}})-?([{ALPHABET}]{{3}})$")


def new_reference(prefix: str) -> str:
    """A reference by chance; 23⁶ (148 million) for each jurisdiction."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{prefix}-{body[:3]}-{body[3:]}"


def example(prefix: str) -> str:
    """What a reference of the jurisdiction with that prefix looks like, for help and placeholders."""
    return f"{prefix}-7K3-9QT"


def parse_reference(typed: str) -> str | None:
    """What somebody typed ("vc 7k3 9qt") as a reference, or None when it cannot be one."""
    text = re.sub(r"[\s_.-]", "", typed).upper()
    found = _SHAPE.match(text)
    return "-".join(found.groups()) if found else None
