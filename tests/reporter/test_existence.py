"""A private report cannot be told from none by any answer that a stranger gets."""

from __future__ import annotations

import pytest

from core.web.access import ANYONE, access_of
from reporter import subscriptions
from tests import factories
from tests.test_access import address_of

NOWHERE = "VC-222-222"
#: What differs from one answer to the next, whatever is asked.
APART = {"Date", "Content-Length"}


@pytest.fixture
def private(acting, jurisdiction):
    """A private report: its reference and its author's key."""
    with acting(jurisdiction):
        found = factories.report(category="personne")
        assert found.private and found.reference != NOWHERE
        return found.reference, subscriptions.author_key(found.id)


def of(answer, reference: str):
    """What a stranger sees of an answer."""

    def told(text: str) -> str:
        return text.replace(reference, "…").replace(reference.lower(), "…")

    headers = [(name, told(value)) for name, value in answer.headers if name not in APART]
    return answer.status_code, headers, told(answer.get_data(as_text=True))


def asked(app) -> list[tuple[str, str]]:
    """Every public route about one report: (method, path with {})."""
    return sorted(
        (method, address_of(rule, {"reference": "REFERENCE"}).replace("REFERENCE", "{}"))
        for rule in app.url_map.iter_rules()
        if "reference" in rule.arguments
        for method in rule.methods - {"OPTIONS"}
        if ANYONE in access_of(app, rule.endpoint, method)
    )


def test_no_public_route_tells_a_private_report_from_none(app, private):
    reference, _key = private
    routes, wrong = asked(app), []
    assert ("GET", "/r/{}") in routes and ("GET", "/api/v1/reports/{}") in routes and len(routes) > 8
    for method, path in routes:
        for query in ("", "?key=bad", "?key=a~b", "?key="):
            for sent in ({}, {"email": "moi@example.org", "key": "bad", "words": "x", "answer": "yes"}):
                data = {"data": sent} if method == "POST" else {}
                answers = [
                    of(app.test_client().open(path.format(one) + query, method=method, **data), one)
                    for one in (reference, NOWHERE)
                ]
                if answers[0] != answers[1]:
                    wrong.append(f"{method} {path}{query} {sent}: {answers[0][0]} and {answers[1][0]}")
                if method != "POST":
                    break
    assert not wrong, "\n".join(wrong)


def test_the_author_s_key_opens_it_and_their_cookie_stands_a_bad_one(client, private):
    reference, key = private
    assert client.get(f"/r/{reference}?key={key}").status_code == 303
    assert client.get(f"/r/{reference}").status_code == 200
    assert client.get(f"/r/{reference}?key=bad").status_code == 303


def test_a_public_report_s_page_is_shown_whatever_the_key(client, acting, jurisdiction):
    with acting(jurisdiction):
        reference = factories.report().reference
    answer = client.get(f"/r/{reference}?key=bad")
    assert answer.status_code == 303 and answer.location == f"/r/{reference}" and "Set-Cookie" not in answer.headers
