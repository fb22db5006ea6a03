"""What the clock has to know of the application, as one line of JSON (see core.clock)."""

from __future__ import annotations

import json
import sys
from importlib import import_module

from core.jobs import LONGEST, SWEEPS
from core.settings import SettingsError


def main() -> None:
    """Print it. Exits with a sentence where a setting is missing."""
    try:
        app = import_module("app").create_app()
    except SettingsError as error:
        sys.exit(str(error))
    print(
        json.dumps(
            {
                "redis_url": app.config["REDIS_URL"],
                "log_level": app.config["LOG_LEVEL"],
                "longest": LONGEST,
                "sweeps": [[f"{one.func.__module__}.{one.func.__qualname__}", one.seconds] for one in SWEEPS],
            }
        )
    )
