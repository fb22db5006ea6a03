"""Drawn photos, each drawing made and put through the product's own processing once, beside the loading.

Many reports show the same drawing: its bytes are used again, in photos that have rows, EXIF and files of
their own.
"""

import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor

from core.photos import processing
from core.photos.models import Photo
from core.photos.verbs import accept_processed
from demo.pictures import draw
from demo.stories import Plan, Shot

Drawing = tuple[str, str, int]


def make(drawing: Drawing) -> tuple[bytes, processing.ProcessingResult]:
    """Draw one picture (scene, phase, variant) and make its public sizes; runs in a process of its own."""
    plain = draw.jpeg(*drawing)
    return plain, processing.process(plain)


def drawings(plan: Plan) -> list[Drawing]:
    """What has to be drawn, in the order in which it is first needed."""
    shots: list[Shot] = []
    for step in plan.steps:
        shots += plan.reports[step.report_key].photos if step.verb == "submit" else step.data.get("photos", ())
    return list(dict.fromkeys((shot.scene, shot.phase, shot.variant) for shot in shots))


class Gallery:
    """Draws ahead in a pool of processes; a context manager."""

    def __init__(self, wanted: Iterable[Drawing]):
        # Fresh processes: nothing of this one's connections to the database goes along.
        self._pool = ProcessPoolExecutor(os.cpu_count() or 1, multiprocessing.get_context("spawn"))
        self._made: dict[Drawing, Future] = {one: self._pool.submit(make, one) for one in wanted}

    def __enter__(self) -> "Gallery":
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def photo(self, shot: Shot, lat: float, lon: float) -> Photo:
        """Keep one drawn photo, taken at a position (degrees), ready to be shown. Flushes."""
        plain, outcome = self._made[shot.scene, shot.phase, shot.variant].result()
        return accept_processed(draw.stamped(plain, lat, lon, shot.taken_at), outcome)
