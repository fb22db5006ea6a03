"""What gunicorn does besides serving (it reads this file from the folder it starts in; see the Procfile).

The workers' figures for /metrics add up through a folder of this run, removed at its end (core/web/metrics.py).
"""

import gc
import os
import shutil
import tempfile

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_own = None


def on_starting(server):
    """Make the folder, unless the operator names one; the workers are started after this."""
    global _own
    if FOLDER not in os.environ:
        _own = os.environ[FOLDER] = tempfile.mkdtemp(prefix="alentour-metrics-")


def when_ready(server):
    """The application is loaded (--preload) and no worker is there yet: what they share is never collected.

    A collection walks over every object and writes into each: the page it lies on is then copied for that worker.
    """
    gc.collect()
    gc.freeze()


def child_exit(server, worker):
    """A worker that ended no longer counts as one; what it counted stays."""
    if FOLDER in os.environ:
        # Not before the folder is known: the library looks for it when it is imported.
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server):
    """Remove the folder made by this run."""
    if _own:
        shutil.rmtree(_own, ignore_errors=True)
