"""Generated nonsense that no document describes (bytes, forms, headers): never a 500, always a problem document.

What the document describes is tried by test_schemathesis.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories

CALM = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = st.sampled_from(["", "\x00", "\ud83d", "🕳️", "‮", "a" * 300, "'; --", "NaN", "-0", "2026-02-30", "null", "../.."])
NAMES = (
    "category",
    "location",
    "address",
    "description",
    "contact",
    "answers",
    "photos",
    "reports",
    "kind",
    "title",
    "instructions",
    "priority",
    "team",
    "agent",
    "start",
    "end",
    "announce",
    "reason",
    "comment",
    "minutes",
    "occurred_at",
    "into",
    "text",
    "lat",
    "lon",
    "email",
    "name",
    "phone",
    "type",
    "coordinates",
)


@pytest.fixture
def known(acting, jurisdiction) -> dict[str, str]:
    """A report and a work order to be hit."""
    with acting(jurisdiction):
        report = factories.report()
        return {"r": report.reference, "n": factories.work_order(report).number}


def sentence(answer) -> None:
    """The answer is one of ours: a success, or a problem with a sentence."""
    assert answer.status_code < 500, answer.get_data(as_text=True)
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        body = answer.get_json()
        assert body["detail"]
        if answer.status_code == 422:
            assert body["errors"] and all(error["field"] and error["message"] for error in body["errors"])


@CALM
@given(
    raw=st.binary(max_size=200),
    kind=st.sampled_from(
        [
            "application/json",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "image/jpeg",
            "",
            "x/y; =",
            "\xff",
        ]
    ),
)
def test_bytes(client, raw, kind):
    for url in ("/api/v1/reports", "/api/v1/photos"):
        sentence(client.post(url, data=raw, content_type=kind))


@CALM
@given(
    fields=st.dictionaries(
        st.sampled_from(NAMES), st.text(max_size=30) | ODD.filter(lambda t: "\ud83d" not in t), max_size=8
    )
)
def test_forms(client, fields):
    sentence(client.post("/api/v1/reports", data=fields | {"x": "y"}, content_type="multipart/form-data"))


@CALM
@given(
    value=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
    name=st.sampled_from(
        [
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Accept",
            "Accept-Language",
            "Authorization",
            "Content-Type",
        ]
    ),
)
def test_headers(client, bearer, known, value, name):
    headers = bearer("supervisor") | {name: value}
    sentence(client.get(f"/api/v1/reports/{known['r']}", headers=headers))
    sentence(
        client.post(
            f"/api/v1/reports/{known['r']}/note",
            data='{"text": "x"}',
            headers={"Content-Type": "application/json"} | headers,
        )
    )
