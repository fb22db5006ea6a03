"""What no page of the desk sends, and somebody does: a sentence, never a 500."""

import re

import pytest

from tests import factories

LONG = "9" * 5000


@pytest.fixture
def desk(signed_in):
    """A supervisor's browser."""
    return signed_in("supervisor")


@pytest.fixture
def reference(acting, jurisdiction) -> str:
    """A report, nobody's yet."""
    with acting(jurisdiction):
        return factories.report().reference


def test_numbers_that_are_none(desk, reference, acting, jurisdiction):
    with acting(jurisdiction):
        number = factories.work_order().number
    sent = {"version": LONG, "seen": LONG, "text": "Vu", "reason": "Non"}
    assert desk.post(f"/desk/reports/{reference}/note", data=sent).status_code == 412
    assert desk.post(f"/desk/work-orders/{number}/cancel", data=sent).status_code == 412
    picked = desk.post("/desk/reports/selection", data={"report": f"{reference}@{LONG}", "do": "acknowledge"})
    assert picked.status_code == 303


def test_the_list_one_goes_back_to_is_a_query_and_nothing_else(desk, reference):
    query = "state=late\r\nSet-Cookie: a=b&team=voirie"
    sent = {"report": f"{reference}@1", "do": "acknowledge", "query": query}
    answer = desk.post("/desk/reports/selection", data=sent)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/reports?state=late%0D%0ASet-Cookie%3A+a%3Db&team=voirie"


def test_a_reference_that_nobody_has_is_said_of_its_field_with_what_was_typed(desk, reference):
    page = desk.get(f"/desk/reports/{reference}").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    sent = {"version": version, "into": "VC-AAA-AAA", "reason": "C’est le même banc"}
    answer = desk.post(f"/desk/reports/{reference}/merge", data=sent)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Aucun signalement ne porte cette référence" in body
    assert "VC-AAA-AAA" in body and "le même banc" in body
