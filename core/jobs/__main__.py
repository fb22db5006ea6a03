"""`python -m core.jobs worker` and `python -m core.jobs clock`, as the Procfile has them."""

from __future__ import annotations

import os
import sys

COMMANDS = ("worker", "clock")

if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
    sys.exit("Say one of: python -m core.jobs worker, python -m core.jobs clock.")
if sys.argv[1] == "clock":
    # This package has loaded Flask and SQLAlchemy by now: the clock needs neither, and begins anew without them.
    os.execv(sys.executable, [sys.executable, "-m", "core.clock"])

from core.jobs.worker import run_worker  # noqa: E402 - only the worker needs it

run_worker()
