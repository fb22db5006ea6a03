"""What processes write to standard error: LOG_LEVEL for our own modules, warnings and errors of everybody else's."""

from __future__ import annotations

import logging

#: The packages whose modules log under their own names (`core.jobs`, `reporter.reports.intake`, …).
OURS = ("core", "reporter", "interventions", "api", "app", "demo")
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def init(level: str) -> None:
    """Let our modules say what is at least of `level` (DEBUG, INFO, WARNING, ERROR), libraries from WARNING on.

    Libraries stay at that also under DEBUG: some print what they carry, and people's words never reach a log
    (DESIGN §5.3). A handler is added only where nobody (gunicorn's operator, a test) has put one.
    """
    if not logging.getLogger().handlers:
        logging.basicConfig(format=FORMAT)
    theirs = max(logging.WARNING, logging.getLevelNamesMapping()[level])
    logging.getLogger().setLevel(theirs)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    # RQ: one line for every job enqueued, begun and done, though nothing has happened to them (its worker's logger has
    # been given a level of its own when it was imported). urllib3 tells every address it asks: a browser's at its push
    # service, a number at its gateway. Pillow prints what EXIF says.
    for name in ("rq", "rq.worker", "urllib3", "PIL"):
        logging.getLogger(name).setLevel(theirs)
