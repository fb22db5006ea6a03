"""A form sent twice is one form; the same key with another file is another."""

from __future__ import annotations

import io

import pytest
from flask import request

from core.web import form_handling as web_form_handling


@pytest.fixture
def digest(app):
    """`digest(content, …)` – the digest of a form with these files, each called image.jpg as cameras call them."""

    def of(*contents: bytes, text: str = "Fini", **files: bytes) -> str:
        data = {
            "text": text,
            "csrf_token": "x",
            "idempotency_key": "k",
            "photos": [(io.BytesIO(one), "image.jpg") for one in contents],
        }
        data |= {name: (io.BytesIO(one), "image.jpg") for name, one in files.items()}
        with app.test_request_context("/desk/x", method="POST", data=data):
            found = web_form_handling._digest()
            assert web_form_handling._digest() == found, "what was read can be read again"
            assert [one.read() for one in request.files.getlist("photos")] == list(contents)
            return found

    return of


def test_a_file_counts_by_what_is_in_it(digest):
    assert digest(b"before") == digest(b"before")
    assert digest(b"before") != digest(b"after!"), "of the same name and length"
    assert digest(b"a", b"b") != digest(b"a", b"c"), "every file of a name"
    assert digest(b"a", b"b") == digest(b"b", b"a")
    assert digest(b"a") != digest(other=b"a")
    assert digest(b"a") != digest(b"a", text="Autre")


def test_only_the_beginning_of_a_large_file_is_read(digest, monkeypatch):
    monkeypatch.setattr(web_form_handling, "LARGEST", 10)
    assert digest(b"0123456789abc") == digest(b"0123456789xyz")
    assert digest(b"0123456789abc") != digest(b"0123456789abcd"), "its length counts whole"
