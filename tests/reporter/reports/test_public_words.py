"""What the public reads is masked once, when it is written; reading a list never looks at the words again."""

import pytest
from sqlalchemy import insert, select, text

from core import masking
from core.database import db
from core.identity.actor import Actor
from core.models import FreeText
from reporter.reports import history
from reporter.reports.intake import lock_report
from reporter.reports.models import Report
from tests import factories

TYPED = "Appelez le (06) 12 34 56 78 ou jean@free.fr"
MASKED = "Appelez le […] ou […]"


@pytest.fixture
def reference(jurisdiction, acting):
    with acting(jurisdiction):
        made = factories.report(description=TYPED, address="12 rue Haute (06/12/34/56/78)")
        assert made.public_description == MASKED and made.description == TYPED
        return made.reference


def test_lists_pages_and_the_api_show_what_was_masked_at_writing(client, reference, monkeypatch):
    # Whatever is shown from here on was kept: nothing is looked for again.
    monkeypatch.setattr("core.text.mask", lambda _text: pytest.fail("masked at reading"))
    item = client.get("/api/v1/reports").get_json()["items"][0]
    assert (item["description"], item["address"]) == (MASKED, "12 rue Haute ([…])")
    for path in (
        "/",
        f"/r/{reference}",
        "/feeds/all.atom",
        f"/r/{reference}/feed.atom",
        f"/api/v1/reports/{reference}",
    ):
        answer = client.get(path)
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "12 34 56 78" not in shown and "free.fr" not in shown and "06/12/34" not in shown, path


def test_words_beside_the_history_are_masked_when_they_are_kept(client, reference, jurisdiction, acting, bearer):
    with acting(jurisdiction):
        history.append(lock_report(reference), "acknowledged", by=Actor("desk"), words=TYPED)
        kept = db.session.scalars(select(FreeText)).one()
        assert (kept.text, kept.public_text) == (TYPED, MASKED)
        kept.text = "a@b.fr"
        assert kept.public_text == masking.TAKEN_OUT
        kept.text = TYPED
        db.session.commit()
    for headers, words in (({}, MASKED), (bearer("supervisor"), TYPED)):
        events = client.get(f"/api/v1/reports/{reference}/events", headers=headers).get_json()["items"]
        assert [one["text"] for one in events if one["kind"] == "acknowledged"] == [words]


def test_core_statements_mask_too_and_raw_sql_shows_nothing(reference, jurisdiction, acting):
    with acting(jurisdiction):
        rows = [{"jurisdiction_id": jurisdiction.id, "text": one} for one in (TYPED, "rien")]
        db.session.execute(insert(FreeText.__table__).values(rows))
        assert db.session.scalars(text("SELECT public_text FROM free_text ORDER BY id")).all() == [MASKED, "rien"]
        db.session.execute(
            text("INSERT INTO free_text (jurisdiction_id, text) VALUES (:here, :words)"),
            {"here": jurisdiction.id, "words": TYPED},
        )
        assert db.session.scalars(text("SELECT public_text FROM free_text ORDER BY id DESC LIMIT 1")).one() == ""


def test_a_changed_description_is_masked_again(reference, jurisdiction, acting):
    with acting(jurisdiction):
        report = db.session.scalars(select(Report).where(Report.reference == reference)).one()
        report.description = "06 12 34 56 78"
        db.session.flush()
        assert db.session.scalar(text("SELECT public_description FROM report")) == masking.TAKEN_OUT
