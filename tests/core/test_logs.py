"""LOG_LEVEL is that of our own modules, whatever process reads it; libraries speak from WARNING on."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT, environment

SAY = """
import logging
from app import create_app
create_app()
for name in ("core.jobs", "reporter.reports.intake", "interventions.work_orders.verbs", "api.v1", "rq.worker", "redis"):
    logging.getLogger(name).info("info of %s", name)
    logging.getLogger(name).warning("warning of %s", name)
"""


@pytest.mark.parametrize(("level", "ours", "theirs"), [("INFO", "iw", "w"), ("WARNING", "w", "w"), ("ERROR", "", "")])
def test_our_modules_log_at_the_level_that_is_set(tmp_path, level, ours, theirs):
    env = environment("postgresql://nobody@localhost/none", tmp_path, LOG_LEVEL=level)
    done = subprocess.run(
        [sys.executable, "-c", SAY], cwd=ROOT, capture_output=True, text=True, env=os.environ | env, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for name, said in (
        ("core.jobs", ours),
        ("reporter.reports.intake", ours),
        ("interventions.work_orders.verbs", ours),
        ("api.v1", ours),
        ("rq.worker", theirs),
        ("redis", theirs),
    ):
        assert (f"info of {name}" in done.stderr) is ("i" in said), name
        assert (f"warning of {name}" in done.stderr) is ("w" in said), name
