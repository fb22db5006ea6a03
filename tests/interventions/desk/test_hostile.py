"""What no page of the desk sends, and somebody does: a sentence, never a 500."""

import pytest

from tests import factories

LONG = "9" * 5000


@pytest.fixture
def desk(signed_in):
    """A supervisor's browser."""
    return signed_in("supervisor")


@pytest.fixture
def reference(acting, town) -> str:
    """A report, nobody's yet."""
    with acting(town):
        return factories.report().reference


def test_numbers_that_are_none(desk, reference, acting, town):
    with acting(town):
        number = factories.work_order().number
    sent = {"version": LONG, "seen": LONG, "text": "Vu", "reason": "Non"}
    assert desk.post(f"/desk/reports/{reference}/note", data=sent).status_code == 412
    assert desk.post(f"/desk/work-orders/{number}/cancel", data=sent).status_code == 412
    picked = desk.post("/desk/reports/selection", data={"report": f"{reference}@{LONG}", "do": "acknowledge"})
    assert picked.status_code == 303


def test_the_list_one_goes_back_to_is_a_query_and_nothing_else(desk, reference):
    sent = {"report": f"{reference}@1", "do": "acknowledge", "query": "state=late\r\nSet-Cookie: a=b&team=voirie"}
    answer = desk.post("/desk/reports/selection", data=sent)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/reports?state=late%0D%0ASet-Cookie%3A+a%3Db&team=voirie"
