"""`python -m core.jobs worker` and `python -m core.jobs clock`, as the Procfile has them."""

from __future__ import annotations

import sys

from core.jobs.clock import tick
from core.jobs.worker import work

COMMANDS = {"worker": work, "clock": tick}

if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
    sys.exit("Say one of: python -m core.jobs worker, python -m core.jobs clock.")
COMMANDS[sys.argv[1]]()
