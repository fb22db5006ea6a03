"""Where a page leads back to is what a form said: never another site, never a header of its own."""

import pytest


@pytest.mark.parametrize(
    "target",
    (
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https://evil.example/",
        "/here\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
    ),
)
def test_choosing_a_language_leads_to_a_page_of_this_site(client, target):
    answer = client.post("/language", data={"code": "en", "next": target})
    assert answer.status_code == 302 and answer.headers["Location"] == "/"


def test_names_in_the_readers_language_are_kept_for_that_reader(client):
    answer = client.get("/sectors.json")
    assert {"Accept-Language", "Cookie"} <= set(answer.vary.as_set(preserve_casing=True))
