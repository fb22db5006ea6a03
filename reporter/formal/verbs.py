"""Which categories are a formal request, and what the administration's silence means (CRPA L231-1 ff.)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from core.database import db
from core.errors import Changed, FieldError, collecting
from core.i18n import gettext as _
from reporter.models import SILENCES, Category, CategoryGroup

#: Months of silence, as laws and decrees set them.
MONTHS = (1, 24)
RULE = 2


@dataclass(frozen=True)
class Silence:
    """What silence means: "acceptance", "rejection" or None (no formal request), and after how many months."""

    means: str | None
    months: int = RULE


def categories() -> list[Category]:
    """The town's active categories, in the order in which they are offered."""
    return list(db.session.scalars(
        select(Category).join(CategoryGroup, CategoryGroup.id == Category.group_id).where(Category.active)
        .order_by(CategoryGroup.position, CategoryGroup.id, Category.position, Category.id)))


def of(category: Category) -> Silence:
    """What is set of a category."""
    return Silence(category.silence, category.silence_months)


def checked(means: object, months: object, *, field: str) -> Silence:
    """What a person typed for one category. Raises FieldError naming `field`."""
    said = str(means or "")
    if said and said not in SILENCES:
        raise FieldError(field, _("Choose one of: %(choices)s.", choices=", ".join(SILENCES)))
    if not said:
        return Silence(None)
    text = str(months or "").strip()
    least, most = MONTHS
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise FieldError(field, _("The number of months must be a whole number between %(least)s and %(most)s.",
                                  least=least, most=most))
    return Silence(said, int(text))


def set_all(wanted: Mapping[str, Silence], seen: Mapping[str, Silence]) -> list[Category]:
    """Set what is wanted of categories by their codes, and return those changed; flushes.

    `seen`: what the person was shown. Raises Changed where somebody else has changed one of them since.
    """
    rows = {one.code: one for one in db.session.scalars(
        select(Category).where(Category.code.in_(wanted)).order_by(Category.id).with_for_update()
        .execution_options(populate_existing=True))}
    changed = []
    for code, silence in wanted.items():
        row = rows.get(code)
        if row is None or silence == seen.get(code):
            continue
        if of(row) != seen.get(code):
            raise Changed(_("Someone else has changed this in the meantime. Here is the latest version."),
                          code="changed")
        row.silence, row.silence_months = silence.means, silence.months
        changed.append(row)
    db.session.flush()
    return changed


def read(form: Mapping[str, str], codes: list[str]) -> tuple[dict[str, Silence], dict[str, Silence]]:
    """What a form wants of each category, and what it was made from. Raises FieldErrors naming silence-CODE."""
    errors = collecting()
    wanted: dict[str, Silence] = {}
    seen: dict[str, Silence] = {}
    for code in codes:
        if f"silence-{code}" not in form:
            continue
        with errors:
            wanted[code] = checked(form[f"silence-{code}"], form.get(f"months-{code}"), field=f"silence-{code}")
        before, _space, months = form.get(f"seen-{code}", "").partition(" ")
        seen[code] = Silence(before if before in SILENCES else None, int(months) if months.isdecimal() else RULE)
    errors.done()
    return wanted, seen
