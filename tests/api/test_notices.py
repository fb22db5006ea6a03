"""GET notices: what the jurisdiction announces, for anybody."""

from tests.reporter.notices.test_notices import made, published


def test_notices_as_json_and_on_a_map(acting, jurisdiction, client, statements):
    assert client.get("/api/v1/notices").get_json() == {"items": [], "next": None}
    with acting(jurisdiction):
        made()
        shown = str(published().id)
    client.get("/api/v1/notices")
    statements.clear()
    answer = client.get("/api/v1/notices", headers={"Accept-Language": "en"})
    assert len(statements) == 1
    (one,) = answer.get_json()["items"]
    assert (one["id"], one["kind"], one["title"]) == (shown, "works", "Rue des Tilleuls closed")
    assert one["url"].endswith(f"/notices/{shown}") and "area" not in one
    placed = client.get("/api/v1/notices", headers={"Accept": "application/geo+json"}).get_json()
    (feature,) = placed["features"]
    assert feature["id"] == shown and feature["geometry"]["type"] == "LineString"
