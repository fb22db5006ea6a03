"""The wall between jurisdictions, put on in one place.

Every ORM SELECT of a `Scoped` class gets the criterion of the current jurisdiction. It covers ORM statements
only: raw SQL, Core tables and bulk statements live in the modules listed in `tests/core/test_scope.py` and
name the jurisdiction themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask, g
from sqlalchemy import ColumnElement, Executable, ForeignKey
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    Mapped,
    ORMExecuteState,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql.visitors import ExternallyTraversible, iterate

from core.database import Ref, listen_to_sessions

if TYPE_CHECKING:
    from core.identity.jurisdictions import JurisdictionCopy


class NoCurrentJurisdiction(RuntimeError):
    """A scoped table was asked without a current jurisdiction: a programming error, never a person's."""


class Scoped:
    """A business table: it carries `jurisdiction_id` and is seen only from its own jurisdiction."""

    jurisdiction_id: Mapped[Ref] = mapped_column(ForeignKey("jurisdiction.id"))

    @classmethod
    def visible_to(cls, jurisdiction_id: int) -> ColumnElement[bool]:
        """The criterion under which a row is seen from that jurisdiction."""
        return cls.jurisdiction_id == jurisdiction_id


def current_jurisdiction_id() -> int:
    """The id of the jurisdiction being served. Raises NoCurrentJurisdiction when there is none."""
    found = g.get("jurisdiction") if g else None
    if found is None:
        raise NoCurrentJurisdiction("No jurisdiction: name one with serving().")
    return found.id


def current_jurisdiction() -> JurisdictionCopy:
    """The jurisdiction being served, as a read-only copy. Raises NoCurrentJurisdiction when there is none."""
    current_jurisdiction_id()
    return g.jurisdiction


@contextmanager
def serving(jurisdiction: JurisdictionCopy) -> Iterator[None]:
    """Serve `jurisdiction` (see `core.identity.jurisdictions`) inside a job or a command."""
    before = g.get("jurisdiction")
    g.jurisdiction = jurisdiction
    try:
        yield
    finally:
        g.jurisdiction = before


@contextmanager
def across_jurisdictions() -> Iterator[None]:
    """Lift the wall, for sweeps that look after every jurisdiction and act for one at a time."""
    before = g.get("unscoped", False)
    g.unscoped = True
    try:
        yield
    finally:
        g.unscoped = before


def _touches_scoped(statement: Executable) -> bool:
    """Whether a statement asks for a scoped class anywhere: a Core table carries no such mark."""
    assert isinstance(statement, ExternallyTraversible)
    entities = (getattr(part, "_annotations", {}).get("parententity") for part in iterate(statement))
    return any(issubclass(entity.mapper.class_, Scoped) for entity in entities if entity is not None)


def _add_criterion(state: ORMExecuteState) -> None:
    if not (state.is_select or state.is_update or state.is_delete):
        return
    if state.is_column_load or state.is_relationship_load:
        # A row already seen may be refreshed; relationships lead to rows of the same jurisdiction by the
        # composite foreign keys, or are written as explicit queries.
        return
    if g and g.get("unscoped"):
        return
    if not (g and g.get("jurisdiction")) and not _touches_scoped(state.statement):
        return
    # On every statement, whatever it selects: `count(*)`, a subquery and a join name no entity at its head.
    state.statement = state.statement.options(_criterion(current_jurisdiction_id()))


@lru_cache(1024)
def _criterion(jurisdiction_id: int) -> LoaderCriteriaOption:
    # Not on what is loaded later from a row that was found: a neighbour's report in our charge brings its own
    # category and contact.
    return with_loader_criteria(
        Scoped, lambda cls: cls.visible_to(jurisdiction_id), include_aliases=True, propagate_to_loaders=False
    )


def init_app(app: Flask) -> None:
    """Put the wall on every session of this process."""
    listen_to_sessions("do_orm_execute", _add_criterion)
