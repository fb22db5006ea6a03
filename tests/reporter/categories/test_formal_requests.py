"""/admin/requests: which categories are a formal request, and what silence means."""

from __future__ import annotations

import re

import html5lib
import pytest
from sqlalchemy import select

from core.database import db
from reporter.categories.models import Category

PAGE = "/admin/requests"


@pytest.fixture
def admin(signed_in):
    """An administrator's browser."""
    return signed_in("administrator")


def read(answer, status: int = 200) -> str:
    """A page as people read it."""
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page[:2000]
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return re.sub(r"\s+", " ", page)


def silences(acting, jurisdiction) -> dict[str, tuple[str | None, int]]:
    with acting(jurisdiction):
        return {one.code: (one.silence, one.silence_months) for one in db.session.scalars(select(Category))}


def test_what_is_changed_is_kept_and_said(admin, acting, jurisdiction):
    page = read(admin.get(PAGE))
    assert page.count('name="silence-') == 6
    form = dict(re.findall(r'name="(seen-[^"]+)" value="([^"]*)"', page))
    form |= {
        "silence-depot": "rejection",
        "months-depot": "4",
        "silence-trou": "",
        "months-trou": "2",
        "silence-lampadaire": "acceptance",
        "months-lampadaire": "2",
    }
    answer = admin.post(PAGE, data=form)
    assert answer.status_code == 303
    page = read(admin.get(answer.location))
    assert "2 catégories" in page and "Depot" in page and "Lampadaire" in page
    kept = silences(acting, jurisdiction)
    assert kept["depot"] == ("rejection", 4) and kept["lampadaire"] == ("acceptance", 2)
    assert kept["trou"] == (None, 2)
    # From that page, back to none.
    form = dict(re.findall(r'name="(seen-[^"]+)" value="([^"]*)"', page))
    admin.post(PAGE, data=form | {"silence-depot": "", "months-depot": "4"})
    assert silences(acting, jurisdiction)["depot"] == (None, 2)


@pytest.mark.parametrize(
    ("means", "months"),
    [
        ("acceptance", "0"),
        ("acceptance", ""),
        ("rejection", "25"),
        ("rejection", "deux"),
        ("maybe", "2"),
        ("acceptance", "9" * 300),
        ("acceptance", "²"),
    ],
)
def test_what_cannot_be_is_refused_by_name(admin, acting, jurisdiction, means, months):
    page = read(admin.post(PAGE, data={"silence-depot": means, "months-depot": months, "seen-depot": " 2"}), 422)
    assert 'href="#silence-depot"' in page and "Depot" in page
    assert silences(acting, jurisdiction)["depot"] == (None, 2)


def test_nothing_is_overwritten_in_silence(admin, acting, jurisdiction):
    admin.post(PAGE, data={"silence-depot": "rejection", "months-depot": "2", "seen-depot": " 2"})
    page = read(admin.post(PAGE, data={"silence-depot": "acceptance", "months-depot": "2", "seen-depot": " 2"}), 412)
    assert "Quelqu’un d’autre" in page
    assert silences(acting, jurisdiction)["depot"] == ("rejection", 2)
    # What was not touched does not matter.
    admin.post(PAGE, data={"silence-depot": "", "months-depot": "2", "seen-depot": " 2"})
    assert silences(acting, jurisdiction)["depot"] == ("rejection", 2)


def test_only_the_administrator_gets_there(signed_in, client):
    for role in ("supervisor", "reception", "agent"):
        assert signed_in(role).get(PAGE).status_code == 403
    assert client.get(PAGE).status_code == 302
