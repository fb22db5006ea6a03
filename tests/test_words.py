"""What people read: the catalogues' typography and turns of phrase, and pages as they are rendered."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.database import db, utcnow
from reporter.reports.models import Report
from tests import factories
from tests.interventions.desk.pages import Page
from tests.test_translations import PACKAGES, ROOT, french

#: Turns of phrase that are French word for word.
LITERAL = re.compile(
    r"\bSomebody\b|say what follows|shown to nobody|name nobody|\bthe news\b|becomes of it|before yesterday|"
    r"no longer holds|\bis good for\b|have nothing to be|there is nothing to be"
)
#: In French, a plain space before what takes a no-break one, and typewriter signs.
LOOSE = re.compile(r" [:;?!»]|« |[a-zà-ÿ]'[a-zà-ÿ]|\.\.\.")
PUBLIC = ("/", "/report/new", "/notices", "/around", "/mine", "/accessibility", "/legal", "/login")
DESK = (
    "/desk/",
    "/desk/reports",
    "/desk/work-orders",
    "/desk/new",
    "/desk/comments",
    "/desk/notices",
    "/desk/arrivals",
    "/desk/messages",
    "/desk/work-orders/new",
    "/desk/notices/new",
)
ADMIN = ("/admin/", "/admin/telling", "/admin/webhooks")


def texts(message: object) -> tuple[str, ...]:
    """A message's French, one text for each number."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_the_french_is_typeset():
    loose = {
        text for message in french().values() for text in texts(message) if LOOSE.search(re.sub(r"`[^`]*`", "", text))
    }
    assert not loose


def test_the_english_is_not_french_word_for_word():
    assert not [msgid for msgid in french() if LITERAL.search(msgid)]


def test_no_sentence_hides_where_the_extractor_does_not_look():
    """Python's f-strings are not read by what collects the sentences: one inside them is never translated."""
    known, hidden = french(), []
    for package in PACKAGES:
        for path in (Path(ROOT) / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext", "N_") and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value not in known:
                        hidden.append(f"{path}:{node.lineno}: {first.value}")
    assert not hidden


def english_only() -> set[str]:
    """Whole sentences whose French is another: on a French page each is a fault."""
    return {
        msgid
        for msgid, message in french().items()
        if "%" not in msgid and len(msgid) > 12 and msgid not in texts(message)
    }


def said(answer: object) -> list[str]:
    """The texts of a page between its tags, and what its labels, titles and placeholders say."""
    html = answer.get_data(as_text=True)
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
    found = re.findall(r">([^<>]+)<", body)
    found += re.findall(r'\b(?:aria-label|title|placeholder|data-[a-z-]+)="([^"]*)"', body)
    return [re.sub(r"\s+", " ", one.replace("&#39;", "'")).strip() for one in found]


@pytest.fixture
def old_reports(acting, jurisdiction):
    """Reports of every age beside each other; the reference of the one just in."""
    ages = (timedelta(0), timedelta(hours=23), timedelta(hours=29), timedelta(days=2), timedelta(days=136))
    with acting(jurisdiction):
        made = [factories.report(category="depot", description="") for _age in ages]
        for report, age in zip(made, ages, strict=True):
            db.session.execute(
                update(Report)
                .where(Report.id == report.id)
                .values(received_at=utcnow() - age, due_at=utcnow() - age + timedelta(hours=1))
            )
        db.session.commit()
        return made[0].reference


def check(answer: object, path: str) -> None:
    """Nothing English, no code in parentheses, and one scale of ages."""
    assert answer.status_code == 200, path
    words, english = said(answer), english_only()
    assert not [one for one in words if one in english], path
    assert not [one for one in words if re.search(r"\((?:quartier|proprete|voirie|[a-z]+(?:[-_][a-z]+)+)\)", one)], path
    ages = [one.replace("\u00a0", " ") for one in words if re.fullmatch(r"\d+\s(?:min|h|j|mois|ans?)", one)]
    for number, unit in (age.split(" ") for age in ages):
        assert int(number) < {"min": 60, "h": 24, "j": 60, "mois": 13}.get(unit, 1000), (path, ages)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_in_french(client, old_reports, path):
    check(client.get(path, follow_redirects=True), path)


def test_the_desk_is_in_french(signed_in, old_reports):
    browser = signed_in("supervisor")
    for path in (*DESK, f"/desk/reports/{old_reports}"):
        check(browser.get(path, follow_redirects=True), path)


def test_the_administration_is_in_french(signed_in):
    browser = signed_in("administrator")
    for path in ADMIN:
        check(browser.get(path, follow_redirects=True), path)


def test_the_field_is_in_french(signed_in):
    check(signed_in("agent").get("/field/", follow_redirects=True), "/field/")


def test_a_stranger_does_not_read_of_a_report_as_theirs(client, old_reports):
    for language, word in (("fr", "votre signalement"), ("en", "your report")):
        page = Page(client.get(f"/r/{old_reports}", headers={"Accept-Language": language}))
        assert word not in page.text.lower() and old_reports in page.text


def test_a_group_of_categories_is_offered_in_french(signed_in, jurisdiction):
    html = signed_in("supervisor").get("/desk/reports").get_data(as_text=True)
    assert "Toute la rubrique «\u00a0Voirie\u00a0»" in html and "All of" not in html


def test_a_reference_looks_like_the_jurisdiction_s_own(app, acting, client, jurisdiction):
    from core.identity.models import Jurisdiction

    with acting(jurisdiction):
        db.session.execute(update(Jurisdiction).where(Jurisdiction.id == jurisdiction.id).values(prefix="XY"))
        db.session.commit()
    from core.identity import jurisdictions

    jurisdictions.drop_cache()
    page = client.get("/").get_data(as_text=True)
    assert "XY-7K3-9QT" in page and "VC-7K3-9QT" not in page


def test_an_address_that_nobody_can_look_up_is_answered_by_what_to_do(client, jurisdiction):
    page = client.post("/report/new", data={"category": "depot", "address": "12 rue des Tilleuls"})
    text = Page(page).text
    assert page.status_code == 422 and "placez l’épingle" in text and "donnant une adresse" not in text
    assert "12 rue des Tilleuls" in page.get_data(as_text=True)


def test_only_the_map_that_is_drawn_is_named(app, acting, client, jurisdiction, monkeypatch):
    from core.web import pages as web_pages

    monkeypatch.setitem(app.config, "TILES_URL", "https://tiles.example/{z}/{x}/{y}.png")
    assert web_pages._attribution(app) == ""
    monkeypatch.setitem(app.config, "TILES_ATTRIBUTION", "© Exemple")
    assert web_pages._attribution(app) == "© Exemple"
