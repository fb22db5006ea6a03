"""The session of one module: which faults there are, and what became of those that were tried.

It is kept by cosmic-ray's own database under var/mutation, named by a digest of the module and of the kinds of
fault: as long as neither changes, a run goes on where the last one was stopped.
"""

from __future__ import annotations

import ast
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_db import WorkDB
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkItem, WorkResult

from tests.databases import ROOT
from tests.mutation.operators import OPERATORS, without_effect

FOLDER = ROOT / "var" / "mutation"


@dataclass(frozen=True)
class Fault:
    """One fault: where it stands, and how the module reads with it."""

    key: str
    module: str
    line: int
    operator: str
    occurrence: int

    def code(self, source: str) -> str:
        """The module with this fault."""
        made = mutate_code(source, OPERATORS[self.operator], self.occurrence)
        if made is None:
            raise ValueError(f"{self.module} has no fault {self.key}")
        return made


class Session:
    """The faults of a module and their results; see the module."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.source = (ROOT / module).read_text()
        known = hashlib.sha256((self.source + Path(__file__).with_name("operators.py").read_text()).encode())
        name = module.removesuffix(".py").replace("/", ".")
        FOLDER.mkdir(parents=True, exist_ok=True)
        self._path = FOLDER / f"{name}-{known.hexdigest()[:12]}.sqlite"
        if not self._path.exists():
            for old in FOLDER.glob(f"{name}-*.sqlite"):
                old.unlink()
            self._begin()

    def _begin(self) -> None:
        # Beside its place until it is whole: an interrupted one is begun anew.
        begun = self._path.with_suffix(".begun")
        begun.unlink(missing_ok=True)
        with closing(WorkDB(begun, WorkDB.Mode.create)) as base:
            base.add_work_items(list(self._items()))
        shutil.move(begun, self._path)

    def _items(self) -> Iterator[WorkItem]:
        idle = without_effect(self.source)
        for name, operator in OPERATORS.items():
            positions = (one for node in ast_nodes(get_ast(self.source)) for one in operator.mutation_positions(node))
            for occurrence, (start, end) in enumerate(positions):
                if any(begin <= start and end <= stop for begin, stop in idle):
                    continue
                if not _parses(mutate_code(self.source, operator, occurrence)):
                    continue
                yield WorkItem.single(
                    f"{name}:{occurrence}",
                    MutationSpec(
                        module_path=self.module, operator_name=name, occurrence=occurrence, start_pos=start, end_pos=end
                    ),
                )

    def faults(self) -> list[Fault]:
        """All faults, in an order that is the same each time and mixes their kinds: a sample is its beginning."""
        with closing(WorkDB(self._path, WorkDB.Mode.open)) as base:
            found = [
                Fault(
                    item.job_id,
                    self.module,
                    item.mutations[0].start_pos[0],
                    item.mutations[0].operator_name,
                    item.mutations[0].occurrence,
                )
                for item in base.work_items
            ]
        return sorted(found, key=lambda one: hashlib.sha256(one.key.encode()).digest())

    def results(self) -> dict[str, WorkResult]:
        """What became of the faults that were tried, by their keys."""
        with closing(WorkDB(self._path, WorkDB.Mode.open)) as base:
            return dict(base.results)

    def keep(self, fault: Fault, result: WorkResult) -> None:
        """Keep what became of a fault."""
        with closing(WorkDB(self._path, WorkDB.Mode.open)) as base:
            base.set_result(fault.key, result)

    def forget_survivors(self) -> None:
        """Try again what survived: a test may have come since. What was killed stays so."""
        survived = {key for key, one in self.results().items() if one.test_outcome == TestOutcome.SURVIVED}
        if survived:
            killed = {key: one for key, one in self.results().items() if key not in survived}
            self._path.unlink()
            self._begin()
            with closing(WorkDB(self._path, WorkDB.Mode.open)) as base:
                for key, one in killed.items():
                    base.set_result(key, one)


def _parses(source: str | None) -> bool:
    """Whether that is Python: a fault that no interpreter reads needs no test."""
    try:
        ast.parse(source or "")
    except SyntaxError:
        return False
    return source is not None
