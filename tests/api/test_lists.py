"""Lists: filters, keyset pages that hold while rows change, bounded counts, GeoJSON."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from core.database import db, utcnow
from core.geo import Place
from core.identity.actor import Actor
from interventions.work_orders.models import WorkOrder
from reporter.reports.models import Report
from tests import factories
from tests.api.asking import URL, fields_of


def references(answer) -> list[str]:
    """The references of a list's items."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body = answer.get_json()
    assert set(body) == {"items", "next"}
    return [item["reference"] for item in body["items"]]


@pytest.fixture
def seven(acting, jurisdiction) -> list[str]:
    """Seven reports, the newest first: every second one a heap of rubbish, the last one private."""
    found = []
    with acting(jurisdiction):
        for number in range(7):
            found.append(
                factories.report(
                    category="personne" if number == 6 else "depot" if number % 2 else "nid-de-poule",
                    place=Place(3.870 + number / 1000, 43.61),
                    email=None,
                ).reference
            )
            db.session.execute(
                update(Report.__table__)
                .where(Report.__table__.c.reference == found[-1])
                .values(received_at=utcnow() - timedelta(days=number))
            )
        db.session.commit()
    return found


class TestFilters:
    """What a list is narrowed to."""

    def test_the_newest_first_and_nothing_private(self, client, seven, bearer):
        assert references(client.get(URL)) == seven[:6]
        assert references(client.get(URL, headers=bearer("reception"))) == seven
        assert references(client.get(URL, headers=bearer("agent"))) == seven[:6]

    def test_by_category_state_box_and_change(self, client, seven, acting, jurisdiction):
        assert references(client.get(f"{URL}?category=depot")) == seven[1:6:2]
        assert references(client.get(f"{URL}?category=depot,nid-de-poule&limit=3")) == seven[:3]
        assert references(client.get(f"{URL}?category=depot&category=nid-de-poule")) == seven[:6]
        assert references(client.get(f"{URL}?bbox=3.8695,43.6,3.8715,43.62")) == seven[:2]
        assert references(client.get(f"{URL}?category=inconnue")) == []
        assert references(client.get(f"{URL}?status=resolved,rejected")) == []
        assert references(client.get(f"{URL}?status=received")) == seven[:6]
        assert (
            references(client.get(URL, query_string={"updated_since": (utcnow() + timedelta(hours=1)).isoformat()}))
            == []
        )
        since = (utcnow() - timedelta(hours=1)).isoformat()
        assert len(references(client.get(URL, query_string={"updated_since": since}))) == 6
        # A plus that nobody escaped.
        assert len(references(client.get(f"{URL}?updated_since=2026-01-01T00:00:00+01:00"))) == 6
        assert references(client.get(f"{URL}?sort=received_at")) == seven[5::-1]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=x", "limit"),
            ("limit=1e9", "limit"),
            ("limit=-1", "limit"),
            ("limit=" + "9" * 5000, "limit"),
            ("sort=x", "sort"),
            ("sort=%00", "sort"),
            ("cursor=x", "cursor"),
            ("cursor=%FF", "cursor"),
            ("cursor=" + "A" * 10_000, "cursor"),
            ("bbox=1,2,3", "bbox"),
            ("bbox=a,b,c,d", "bbox"),
            ("bbox=nan,1,2,3", "bbox"),
            ("bbox=3,43,2,44", "bbox"),
            ("status=gone", "status"),
            ("status=%00", "status"),
            ("updated_since=hier", "updated_since"),
            ("updated_since=0001-01-01T00:00:00%2B14:00", "updated_since"),
            ("updated_since=9999-12-31T23:59:59-14:00", "updated_since"),
            ("count=peut-être", "count"),
            ("category=" + ",".join(map(str, range(60))), "category"),
        ],
    )
    def test_a_bad_parameter_is_named(self, client, seven, bearer, query, field):
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 422 and fields_of(answer) == {field}
        answer = client.get(f"/api/v1/work-orders?{query}", headers=bearer("supervisor"))
        assert answer.status_code == 422 and fields_of(answer) == {field}

    @pytest.mark.parametrize(
        "inside",
        [
            "2026-01-01T00:00:00+00:00|x",
            "2026-01-01T00:00:00|1",
            "|",
            "2026-01-01T00:00:00+00:00|99999999999999999999",
            "2026-01-01T00:00:00+00:00|-1",
            "0001-01-01T00:00:00+23:59|1",
            "9999-12-31T23:59:59-23:59|1",
            "\x00|\x00",
            "2026-01-01T00:00:00+00:00|١",
        ],
    )
    def test_a_forged_cursor_is_no_500(self, client, seven, inside):
        cursor = base64.urlsafe_b64encode(inside.encode()).decode().rstrip("=")
        answer = client.get(URL, query_string={"cursor": cursor})
        assert answer.status_code in (200, 422), answer.get_data(as_text=True)

    def test_odd_values_find_nothing(self, client, seven):
        for query in ("category=%00", "category=%F0%9F%92%A9", "category=" + "x" * 5000, "category=%FF"):
            assert client.get(f"{URL}?{query}").status_code in (200, 422)


class TestPages:
    """Cursors."""

    def test_pages_hold_while_reports_come_and_change(self, client, seven, acting, jurisdiction):
        """Each report is listed once, whatever happens between two pages; what is new is not missed later."""
        seen, cursor = [], None
        for turn in range(10):
            answer = client.get(URL, query_string={"limit": 2} | ({"cursor": cursor} if cursor else {}))
            seen += references(answer)
            cursor = answer.get_json()["next"]
            if cursor is None:
                break
            with acting(jurisdiction):
                factories.report(email=None)
                first = db.session.scalar(select(Report).where(Report.reference == seven[turn]))
                from reporter.reports import transitions

                transitions.acknowledge(first, by=Actor("desk"))
                db.session.commit()
        assert seen == seven[:6]

    def test_what_was_received_at_the_same_moment_is_listed_once(self, client, seven, acting, jurisdiction):
        with acting(jurisdiction):
            db.session.execute(update(Report.__table__).values(received_at=utcnow()))
            db.session.commit()
        seen, cursor = [], None
        while True:
            answer = client.get(URL, query_string={"limit": 1} | ({"cursor": cursor} if cursor else {}))
            seen += references(answer)
            cursor = answer.get_json()["next"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(seven[:6])

    def test_the_last_page_says_so(self, client, seven):
        assert client.get(f"{URL}?limit=6").get_json()["next"] is None
        assert client.get(f"{URL}?limit=5").get_json()["next"]

    def test_counts_on_request(self, client, seven, monkeypatch):
        from reporter.reports import listing as report_listing

        body = client.get(f"{URL}?limit=1&count=true").get_json()
        assert (body["count"], body["more"]) == (6, False)
        monkeypatch.setattr(report_listing, "COUNTED", 3)
        monkeypatch.setattr(report_listing, "count_reports", partial(report_listing.count_reports, most=3))
        body = client.get(f"{URL}?limit=1&count=true").get_json()
        assert (body["count"], body["more"]) == (3, True)

    def test_few_statements(self, client, seven, bearer, statements):
        headers = bearer("supervisor")
        for query in (
            "",
            "?category=depot,trou&status=received,planned&count=1&limit=2",
            "?bbox=3,43,4,44&count=1",
        ):
            client.get(f"{URL}{query}", headers=headers)
            statements.clear()
            client.get(f"{URL}{query}", headers=headers)
            assert len(statements) <= 8, "\n".join(statements)

    def test_as_geojson(self, client, seven):
        answer = client.get(f"{URL}?limit=2", headers={"Accept": "application/geo+json"})
        body = answer.get_json(force=True)
        assert answer.content_type == "application/geo+json"
        assert set(body) == {"type", "features", "next"} and body["type"] == "FeatureCollection" and body["next"]
        assert [one["id"] for one in body["features"]] == seven[:2]
        assert body["features"][0]["geometry"] == {"type": "Point", "coordinates": [3.87, 43.61]}


class TestWorkOrders:
    """The list of work orders."""

    @pytest.fixture
    def orders(self, acting, jurisdiction, seven) -> list[str]:
        found = []
        with acting(jurisdiction):
            for reference in seven[:3]:
                report = db.session.scalar(select(Report).where(Report.reference == reference))
                found.append(factories.work_order(report).number)
            from interventions.planning import verbs as planning_verbs

            order = db.session.scalar(select(WorkOrder).where(WorkOrder.number == found[0]))
            planning_verbs.assign(order, team="proprete", by=Actor("desk", factories.user("supervisor").id))
            db.session.commit()
        return found

    def test_filters_pages_and_statements(self, client, orders, bearer, statements):
        headers, url = bearer("supervisor"), "/api/v1/work-orders"

        def numbers(query: str) -> list[str]:
            answer = client.get(f"{url}?{query}", headers=headers)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            return [one["number"] for one in answer.get_json()["items"]]

        assert numbers("") == orders[::-1]
        assert numbers("team=proprete") == orders[:1] and numbers("category=depot") == [orders[1]]
        assert numbers("status=done") == [] and numbers("status=ready,done&limit=2") == [orders[2], orders[1]]
        assert numbers("bbox=3.8695,43.6,3.8705,43.62") == orders[:1]
        body = client.get(f"{url}?limit=2&count=1&status=ready", headers=headers).get_json()
        assert body["count"] == 3 and body["more"] is False
        assert numbers(f"limit=2&status=ready&cursor={body['next']}") == [orders[0]]
        statements.clear()
        numbers("category=depot,trou&status=ready,done&team=voirie,proprete&count=1&bbox=3,43,4,44")
        assert len(statements) <= 8
        first = client.get(url, headers=headers).get_json()["items"][0]
        assert len(first["reports"]) == 1 and first["photos"] == []
        shown = client.get(url, headers=headers | {"Accept": "application/geo+json"}).get_json(force=True)
        assert [one["id"] for one in shown["features"]] == orders[::-1]
