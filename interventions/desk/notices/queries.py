"""What the desk shows of notices: the list in its three times, and a preview."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import or_, select

from core.database import execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.i18n import gettext as _
from core.i18n import locale_code
from reporter import shapes
from reporter.notices import verbs as notice_verbs
from reporter.notices.models import Notice

_N = Notice.__table__
A_PAGE, MOST = 30, 200


def listed(before: int | None) -> dict[str, Any]:
    """Notices that are not over by what they are (`drafts`, `present`, `coming`), and a page of those over or
    withdrawn, the newest first, from before the id `before`. Two statements."""
    now = utcnow()
    columns = (
        _N.c.id,
        _N.c.kind,
        _N.c.titles,
        _N.c.texts,
        _N.c.place,
        _N.c.starts_at,
        _N.c.ends_at,
        _N.c.published_at,
        _N.c.withdrawn_at,
        _N.c.told,
        _N.c.version,
        _N.c.told_version,
    )
    here = select(*columns).where(_N.c.jurisdiction_id == current_jurisdiction_id())
    ahead = execute_unscoped(
        here.where(_N.c.ends_at > now, _N.c.withdrawn_at.is_(None)).order_by(_N.c.starts_at, _N.c.id).limit(MOST)
    ).all()
    over = here.where(or_(_N.c.ends_at <= now, _N.c.withdrawn_at.is_not(None)))
    if before is not None:
        over = over.where(_N.c.id < before)
    past = execute_unscoped(over.order_by(_N.c.id.desc()).limit(A_PAGE + 1)).all()
    shown = [one for one in ahead if one.published_at is not None]
    return {
        "groups": [
            group
            for group in (
                (_("Drafts"), [one for one in ahead if one.published_at is None]),
                (_("Current"), [one for one in shown if one.starts_at <= now]),
                (_("Upcoming"), [one for one in shown if one.starts_at > now]),
                (_("Ended or withdrawn"), past[:A_PAGE]),
            )
            if group[1]
        ],
        "next": past[A_PAGE - 1].id if len(past) > A_PAGE else None,
    }


def preview(notice: Notice) -> dict[str, Any]:
    """The notice's shape for the map, and in which of the jurisdiction's languages it is not written."""
    return {
        "shape": json.dumps(shapes.geojson(notice.shape)),
        "missing": [code for code in notice_verbs.languages() if not notice.titles.get(code)],
        "spoken": locale_code(),
    }
