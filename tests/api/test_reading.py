"""Reports read over the API: by whom, how much of them, in how few statements."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from core.database import db
from core.geo import Place
from reporter.reports.models import Report
from tests import factories
from tests.api.asking import REPORT, URL, fields_of


class TestReading:
    """GET reports/<reference>."""

    @pytest.fixture
    def report(self, acting, jurisdiction):
        with acting(jurisdiction):
            return factories.report(
                description="Appelez-moi au 06 12 34 56 78 ou a.b@example.org", address="chez moi, 06 12 34 56 78"
            ).reference

    def test_the_public_reads_no_contact_nor_what_looks_like_one(self, client, report):
        body = client.get(f"{URL}/{report}").get_json()
        assert set(body) == REPORT
        assert "06 12" not in json.dumps(body) and "example.org" not in json.dumps(body)

    def test_the_desk_reads_who_sent_it(self, client, report, bearer):
        body = client.get(f"{URL}/{report}", headers=bearer("reception")).get_json()
        assert body["contact"]["email"] == "habitant@example.org" and "06 12" in body["description"]
        assert REPORT < set(body)

    def test_an_agent_does_not(self, client, report, bearer):
        body = client.get(f"{URL}/{report}", headers=bearer("agent")).get_json()
        assert set(body) == REPORT

    def test_a_private_report_is_for_the_desk_and_whose_work_it_is(self, client, acting, jurisdiction, bearer):
        with acting(jurisdiction):
            report = factories.report(category="personne")
            url = f"{URL}/{report.reference}"
        assert client.get(url).status_code == 404
        assert client.get(f"{url}/events").status_code == 404
        assert client.get(url, headers=bearer("supervisor")).status_code == 200
        assert client.get(url, headers=bearer("agent")).status_code == 404
        with acting(jurisdiction):
            from core.identity.actor import Actor
            from interventions.planning import verbs as planning_verbs

            report = db.session.scalar(select(Report))
            order = factories.work_order(report)
            by = Actor("desk", factories.user("supervisor").id)
            planning_verbs.assign(order, agent="agent@villeclaire.example", by=by)
            db.session.commit()
        seen = client.get(url, headers=bearer("agent"))
        assert seen.status_code == 200 and "contact" not in seen.get_json()

    def test_takes_few_statements(self, client, report, bearer, statements):
        headers = bearer("supervisor")
        client.get(f"{URL}/{report}", headers=headers)
        statements.clear()
        client.get(f"{URL}/{report}")
        assert len(statements) == 2
        statements.clear()
        # What anybody reads is kept: one short statement says that nothing has changed.
        client.get(f"{URL}/{report}")
        assert len(statements) == 1
        statements.clear()
        client.get(f"{URL}/{report}", headers=headers)
        assert len(statements) == 2

    def test_what_is_kept_is_what_would_be_read(self, app, client, report, bearer, acting, jurisdiction):
        url = f"{URL}/{report}"
        headers = bearer("supervisor")
        before = client.get(url)
        assert client.get(url).data == before.data
        assert client.get(url, headers={"Accept": "application/geo+json"}).get_json()["type"] == "Feature"
        tag = client.get(url, headers=headers).headers["ETag"]
        moved = client.post(f"{url}/acknowledge", headers=headers | {"If-Match": tag})
        assert moved.status_code == 200
        after = client.get(url)
        assert after.get_json()["status"] == "acknowledged"
        assert after.headers["ETag"] != before.headers["ETag"]
        assert client.get(url, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304
        assert client.get(url, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200

    def test_a_tag_spares_the_second_reading(self, client, report, bearer):
        first = client.get(f"{URL}/{report}")
        again = client.get(f"{URL}/{report}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304 and not again.data and again.headers["ETag"] == first.headers["ETag"]
        desk = client.get(f"{URL}/{report}", headers=bearer("supervisor") | {"If-None-Match": first.headers["ETag"]})
        assert desk.status_code == 200 and "contact" in desk.get_json()
        for garbage in ('"', "x", "*", 'W/"', '"' * 500):
            assert client.get(f"{URL}/{report}", headers={"If-None-Match": garbage}).status_code in (200, 304)

    def test_a_processed_photo_changes_the_tag(self, client, acting, jurisdiction):
        from core.photos.models import Photo
        from core.photos.verbs import accept

        with acting(jurisdiction):
            photo = accept(factories.jpeg())
            db.session.commit()
            report = factories.report(photos=[photo.token]).reference
        first = client.get(f"{URL}/{report}")
        with acting(jurisdiction):
            db.session.scalar(select(Photo)).status = "ready"
            db.session.commit()
        second = client.get(f"{URL}/{report}", headers={"If-None-Match": first.headers["ETag"]})
        assert second.status_code == 200
        (shown,) = second.get_json()["photos"]
        assert shown["status"] == "ready" and set(shown["urls"]) == {"small", "large"}
        assert shown["urls"]["small"] == f"http://localhost/photos/{shown['id']}/small"

    def test_as_geojson(self, client, report):
        answer = client.get(f"{URL}/{report}", headers={"Accept": "application/geo+json"})
        body = answer.get_json(force=True)
        assert answer.content_type == "application/geo+json"
        assert body["type"] == "Feature" and body["id"] == report and body["geometry"]["type"] == "Point"
        assert set(body["properties"]) == REPORT - {"location"}

    def test_nothing_else_is_acceptable(self, client, report):
        answer = client.get(f"{URL}/{report}", headers={"Accept": "application/xml"})
        assert answer.status_code == 406 and not fields_of(answer)
        assert client.get(f"{URL}/{report}", headers={"Accept": "text/html,*/*;q=0.8"}).status_code == 200

    @pytest.mark.parametrize("typed", ["VC-AAA-AAA", "x", "%00", "%FF%FE", "é" * 300, "VC-7K3-9QT%0A", "..", "nearby "])
    def test_a_reference_that_is_none_is_404(self, client, typed):
        answer = client.get(f"{URL}/{typed}")
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"

    def test_a_reference_may_be_typed_as_it_was_heard(self, client, report):
        assert client.get(f"{URL}/{report.lower().replace('-', ' ')}").status_code == 200

    def test_another_towns_report_is_not_here(self, client, acting, report):
        with acting():
            other = factories.jurisdiction("ailleurs", host="ailleurs.example", centre=Place(3.5, 43.2), prefix="AI")
        with acting(other):
            theirs = factories.report(place=Place(3.5, 43.2)).reference
        assert client.get(f"{URL}/{theirs}").status_code == 404
        there = client.get(f"{URL}/{theirs}", headers={"Host": "ailleurs.example"})
        assert there.get_json()["tracking_url"] == f"http://ailleurs.example/r/{theirs}"
        assert client.get(f"{URL}/{report}", headers={"Host": "ailleurs.example"}).status_code == 404


class TestHistory:
    """GET reports/<reference>/events."""

    def test_the_public_reads_what_is_public_without_names(self, client, acting, jurisdiction, bearer):
        from core.identity.actor import Actor
        from interventions.triage import verbs as triage_verbs

        with acting(jurisdiction):
            report = factories.report()
            triage_verbs.note(report, text="Voir avec Mme Dupont", by=Actor("desk", factories.user("supervisor").id))
            triage_verbs.reject(
                report, reason="Écrire à x@example.org", by=Actor("desk", factories.user("supervisor").id)
            )
            db.session.commit()
            url = f"{URL}/{report.reference}/events"
        public = client.get(url).get_json()
        assert [line["kind"] for line in public["items"]] == ["rejected", "received"] and public["next"] is None
        assert "Dupont" not in json.dumps(public) and "by" not in public["items"][0]
        assert public["items"][0]["text"] == "Écrire à […]"
        desk = client.get(url, headers=bearer("supervisor")).get_json()["items"]
        assert [line["kind"] for line in desk] == ["rejected", "noted", "received"]
        assert desk[1]["text"] == "Voir avec Mme Dupont" and desk[1]["by"] == "supervisor villeclaire"
        assert desk[1]["public"] is False


class TestNearby:
    """GET reports/nearby."""

    def test_lists_open_reports_nearest_first(self, client, acting, jurisdiction):
        with acting(jurisdiction):
            far = factories.report(place=Place(3.8774, 43.611)).reference
            near = factories.report(place=Place(3.8771, 43.611)).reference
            factories.report(place=Place(3.8871, 43.611))
            factories.report(place=Place(3.8771, 43.611), category="personne")
        found = client.get(f"{URL}/nearby?lat=43.611&lon=3.877").get_json()
        assert [one["reference"] for one in found["items"]] == [near, far]
        assert 0 < found["items"][0]["metres"] < 10 and set(found["items"][0]) == REPORT | {"metres"}
        assert client.get(f"{URL}/nearby?lat=43.611&lon=3.877&category=depot").get_json()["items"] == []

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "lat"),
            ("lat=43.6", "lon"),
            ("lat=x&lon=3", "lat"),
            ("lat=nan&lon=3", "lat"),
            ("lat=99&lon=3", "lat"),
            ("lat=43&lon=3&metres=1e9", "metres"),
            ("lat=43&lon=3&metres=0", "metres"),
        ],
    )
    def test_a_bad_place_is_named(self, client, query, field):
        answer = client.get(f"{URL}/nearby?{query}")
        assert answer.status_code == 422 and field in fields_of(answer)
