"""Generated nonsense for every operation of the document: never a 500, always a problem document."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories

CALM = settings(max_examples=40, deadline=None, derandomize=True,
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
ODD = st.sampled_from(
    ["", "\x00", "\ud83d", "🕳️", "‮", "a" * 300, "'; --", "NaN", "-0", "2026-02-30", "null", "../.."]
)
LEAVES = (st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | ODD)
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.text(max_size=8) | ODD, inner, max_size=4), max_leaves=8)
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
BODIES = st.dictionaries(st.sampled_from(NAMES), ANYTHING | st.just("nid-de-poule") | st.just({
    "type": "Point", "coordinates": [3.877, 43.611]}), max_size=6)
WRITES = (
    "reports",
    "work-orders",
    "reports/{r}",
    "reports/{r}/reject",
    "reports/{r}/merge",
    "reports/{r}/note",
    "reports/{r}/reopen",
    "reports/{r}/ask",
    "reports/{r}/acknowledge",
    *(
        f"work-orders/{{n}}/{verb}"
        for verb in (
            "approve",
            "schedule",
            "announce",
            "start",
            "hold",
            "resume",
            "refuse",
            "finish",
            "verify",
            "return",
            "cancel",
        )
    ),
    "work-orders/{n}",
)


@pytest.fixture
def known(acting, town) -> dict[str, str]:
    """A report and a work order to be hit."""
    with acting(town):
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
@given(path=st.sampled_from(WRITES), body=BODIES | ANYTHING)
def test_json(client, bearer, known, path, body):
    import json

    method = client.patch if path.count("/") == 1 else client.post
    sentence(method(f"/api/v1/{path.format(**known)}", data=json.dumps(body), content_type="application/json",
                    headers=bearer("supervisor")))


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
    query=st.dictionaries(
        st.sampled_from(
            [
                "bbox",
                "category",
                "status",
                "updated_since",
                "sort",
                "limit",
                "cursor",
                "count",
                "lat",
                "lon",
                "metres",
                "team",
            ]
        ),
        st.text(max_size=20).filter(lambda t: t.isprintable())
        | st.integers().map(str)
        | st.floats().map(str),
        max_size=5,
    )
)
def test_queries(client, bearer, query):
    headers = bearer("supervisor")
    for url in ("/api/v1/reports", "/api/v1/reports/nearby", "/api/v1/work-orders"):
        sentence(client.get(url, query_string=query, headers=headers))


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
    sentence(client.post(f"/api/v1/reports/{known['r']}/note", data='{"text": "x"}',
                         headers={"Content-Type": "application/json"} | headers))


@CALM
@given(path=st.text(max_size=30))
def test_paths(client, path):
    from urllib.parse import quote

    odd = quote(path.encode("utf-8", "replace"), safe="")
    for url in (f"/api/v1/{odd}", f"/api/v1/reports/{odd}", f"/api/v1/categories/{odd}"):
        answer = client.get(url)
        assert answer.status_code < 500
