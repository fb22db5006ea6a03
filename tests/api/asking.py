"""What the tests of the API share."""

from __future__ import annotations

URL = "/api/v1/reports"
ORDERS = "/api/v1/work-orders"
POINT = {"type": "Point", "coordinates": [3.8771, 43.6112]}
#: A report's fields, as DESIGN names them.
REPORT = {
    "reference",
    "status",
    "category",
    "location",
    "address",
    "description",
    "photos",
    "received_at",
    "updated_at",
    "due_at",
    "tracking_url",
}
#: A work order's fields, as DESIGN names them.
WORK = {
    "number",
    "kind",
    "status",
    "title",
    "category",
    "reports",
    "team",
    "agent",
    "priority",
    "location",
    "start",
    "end",
}
DAY = {"start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T11:00:00+01:00"}


def fields_of(answer) -> set[str]:
    """The names of the fields that a problem document names."""
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == answer.status_code and body["detail"] and body["title"]
    return {error["field"] for error in body.get("errors", ())}


def sent(client, status=201, headers=None, **more):
    """Send a report and return the answer."""
    answer = client.post(
        URL, json={"category": "nid-de-poule", "location": POINT, "description": "Un trou"} | more, headers=headers
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer
