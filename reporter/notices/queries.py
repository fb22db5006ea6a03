"""Notices as everybody reads them: the list, one of them, and the map's shapes. Core, naming the jurisdiction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, Text, bindparam, func, select, text

from core.database import execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import locale_code
from reporter.notices.models import Notice
from reporter.notices.verbs import languages

#: As many are shown at once, those that begin first.
MOST = 100
_N = Notice.__table__
_COLUMNS = (
    _N.c.id,
    _N.c.kind,
    _N.c.titles,
    _N.c.texts,
    _N.c.place,
    _N.c.starts_at,
    _N.c.ends_at,
    _N.c.published_at,
    _N.c.updated_at,
    _N.c.version,
)
_SHAPE = func.ST_AsGeoJSON(_N.c.shape, 6).label("shape")


def _shown() -> tuple[Any, ...]:
    return (
        _N.c.jurisdiction_id == current_jurisdiction_id(),
        _N.c.ends_at > utcnow(),
        _N.c.published_at.is_not(None),
        _N.c.withdrawn_at.is_(None),
    )


def current_notices(most: int = MOST, *, shapes: bool = False) -> list[Any]:
    """The notices that hold now or are to come, those that begin first; with `shapes` their `shape` as GeoJSON
    text. One statement."""
    columns = (*_COLUMNS, _SHAPE) if shapes else _COLUMNS
    return list(execute_unscoped(select(*columns).where(*_shown()).order_by(_N.c.starts_at, _N.c.id).limit(most)))


def newest_notices(most: int) -> list[Any]:
    """The notices that hold now or are to come, the newest published first, with the moment of their last word.
    One statement."""
    return list(
        execute_unscoped(
            select(*_COLUMNS).where(*_shown()).order_by(_N.c.published_at.desc(), _N.c.id.desc()).limit(most)
        )
    )


def one_notice(notice_id: int) -> Any:
    """A notice that everybody can read, with its `shape` as GeoJSON text. One statement. Raises NotFound."""
    row = execute_unscoped(select(*_COLUMNS, _SHAPE).where(*_shown(), _N.c.id == notice_id)).one_or_none()
    if row is None:
        raise NotFound(_("This notice does not exist or has ended."))
    return row


_GEOJSON = text("""
SELECT coalesce(json_agg(json_build_object(
    'type', 'Feature', 'id', id, 'geometry', ST_AsGeoJSON(shape, 6)::json,
    'properties', json_build_object(
        'kind', kind, 'title', coalesce(titles ->> :locale, titles ->> :first),
        'from', starts_at, 'until', ends_at, 'begun', starts_at <= now(),
        'point', json_build_array(round(ST_X(ST_PointOnSurface(shape))::numeric, 6),
                                  round(ST_Y(ST_PointOnSurface(shape))::numeric, 6)))
) ORDER BY starts_at, id), '[]')::text
FROM (SELECT * FROM notice WHERE jurisdiction_id = :jurisdiction AND ends_at > now() AND published_at IS NOT NULL
      AND withdrawn_at IS NULL ORDER BY starts_at, id LIMIT :most) AS shown
""").bindparams(
    bindparam("jurisdiction", type_=BigInteger),
    bindparam("most", type_=Integer),
    bindparam("locale", type_=Text),
    bindparam("first", type_=Text),
)


def notice_features() -> str:
    """The shapes of the notices that hold now or are to come, as a GeoJSON FeatureCollection. One statement."""
    features = execute_unscoped(
        _GEOJSON,
        {"jurisdiction": current_jurisdiction_id(), "most": MOST, "locale": locale_code(), "first": languages()[0]},
    ).scalar_one()
    return f'{{"type":"FeatureCollection","features":{features}}}'
