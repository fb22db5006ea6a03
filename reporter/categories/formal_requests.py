"""Which categories are a formal request, and what the administration's silence means (CRPA L231-1 ff.)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from core.database import db
from core.errors import ChangedMeanwhile, CollectedErrors, FieldError
from core.i18n import gettext as _
from reporter.categories.models import IMPLIED_DECISIONS, Category, CategoryGroup

#: Months of silence, as laws and decrees set them.
MONTHS = (1, 24)
RULE = 2


@dataclass(frozen=True)
class ImpliedDecision:
    """What silence means: "acceptance", "rejection" or None (no formal request), and after how many months."""

    means: str | None
    months: int = RULE


def categories() -> list[Category]:
    """The jurisdiction's active categories, in the order in which they are offered."""
    return list(
        db.session.scalars(
            select(Category)
            .join(CategoryGroup, CategoryGroup.id == Category.group_id)
            .where(Category.active)
            .order_by(CategoryGroup.position, CategoryGroup.id, Category.position, Category.id)
        )
    )


def implied_decision_of(category: Category) -> ImpliedDecision:
    """What is set of a category."""
    return ImpliedDecision(category.silence, category.silence_months)


def checked_decision(means: object, months: object, *, field: str) -> ImpliedDecision:
    """What a person typed for one category. Raises FieldError naming `field`."""
    said = str(means or "")
    if said and said not in IMPLIED_DECISIONS:
        raise FieldError(field, _("Choose one of: %(choices)s.", choices=", ".join(IMPLIED_DECISIONS)))
    if not said:
        return ImpliedDecision(None)
    text = str(months or "").strip()
    least, most = MONTHS
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise FieldError(
            field,
            _("The number of months must be a whole number between %(least)s and %(most)s.", least=least, most=most),
        )
    return ImpliedDecision(said, int(text))


def set_implied_decisions(wanted: Mapping[str, ImpliedDecision], seen: Mapping[str, ImpliedDecision]) -> list[Category]:
    """Set what is wanted of categories by their codes, and return those changed; flushes.

    `seen`: what the person was shown. Raises ChangedMeanwhile where somebody else has changed one of them since.
    """
    rows = {
        one.code: one
        for one in db.session.scalars(
            select(Category)
            .where(Category.code.in_(wanted))
            .order_by(Category.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    changed = []
    for code, silence in wanted.items():
        row = rows.get(code)
        if row is None or silence == seen.get(code):
            continue
        if implied_decision_of(row) != seen.get(code):
            raise ChangedMeanwhile(
                _("Someone else has changed this in the meantime. Here is the latest version."), code="changed"
            )
        row.silence, row.silence_months = silence.means, silence.months
        changed.append(row)
    db.session.flush()
    return changed


def read_form(
    form: Mapping[str, str], codes: list[str]
) -> tuple[dict[str, ImpliedDecision], dict[str, ImpliedDecision]]:
    """What a form wants of each category, and what it was made from. Raises FieldErrors naming silence-CODE."""
    errors = CollectedErrors()
    wanted: dict[str, ImpliedDecision] = {}
    seen: dict[str, ImpliedDecision] = {}
    for code in codes:
        if f"silence-{code}" not in form:
            continue
        with errors:
            wanted[code] = checked_decision(
                form[f"silence-{code}"], form.get(f"months-{code}"), field=f"silence-{code}"
            )
        before, _space, months = form.get(f"seen-{code}", "").partition(" ")
        seen[code] = ImpliedDecision(
            before if before in IMPLIED_DECISIONS else None, int(months) if months.isdecimal() else RULE
        )
    errors.done()
    return wanted, seen
