"""HTML and JSON leave compressed; secrets beside reflected words do not; tags and 304 go on working."""

import gzip

import brotli
import pytest
from backports import zstd

from core.web import compression
from tests import factories

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("path", ["/", "/api/v1/openapi.json", "/sectors.json"])
def test_pages_and_json_are_compressed_for_who_asks(client, coding, path):
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers and "Accept-Encoding" in plain.vary
    packed = client.get(path, headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding and "Accept-Encoding" in packed.vary
    unpacked = UNPACK[coding](packed.data)
    assert len(packed.data) < len(unpacked) and len(unpacked) == pytest.approx(len(plain.data), abs=40)


@pytest.fixture
def report(jurisdiction, acting):
    with acting(jurisdiction):
        return factories.report(description="Un trou devant l’école. " * 60).reference


def test_a_tag_read_compressed_is_still_that_version(client, report, bearer):
    path = f"/api/v1/reports/{report}"
    packed = client.get(path, headers={"Accept-Encoding": "br"})
    tag = packed.headers["ETag"]
    assert packed.headers["Content-Encoding"] == "br" and tag.endswith(':br"')
    again = client.get(path, headers={"Accept-Encoding": "br", "If-None-Match": tag})
    assert again.status_code == 304 and again.headers["ETag"] == tag and not again.data
    plain = client.get(path)
    assert client.get(path, headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304
    mine = bearer("supervisor")
    read = client.get(path, headers=mine | {"Accept-Encoding": "zstd"})
    changed = client.patch(path, json={"address": "1 rue Haute"}, headers=mine | {"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200, changed.get_data(as_text=True)
    stale = client.patch(path, json={"address": "2 rue Haute"}, headers=mine | {"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412


def test_what_repeats_words_beside_a_secret_is_not_compressed(client, signed_in, report):
    asked = {"Accept-Encoding": "gzip"}
    desk = signed_in("supervisor")
    assert desk.get("/desk/reports", headers=asked).headers.get("Content-Encoding") == "gzip"
    assert "Content-Encoding" not in desk.get("/desk/reports?q=csrf_token", headers=asked).headers
    assert client.get("/?not_found=abc", headers=asked).headers.get("Content-Encoding") == "gzip"
    assert "Content-Encoding" not in client.get("/login?next=/desk/", headers=asked).headers
    assert "Content-Encoding" not in client.get(f"/r/{report}?key=abc", headers=asked).headers


def test_a_public_answer_is_compressed_once(client, report, monkeypatch):
    done = []
    real = compression.Compress.after_request.__globals__["_compress_data"]
    monkeypatch.setitem(
        compression.Compress.after_request.__globals__, "_compress_data", lambda *given: done.append(1) or real(*given)
    )
    for _time in range(5):
        assert client.get(f"/api/v1/reports/{report}", headers={"Accept-Encoding": "br"}).status_code == 200
    assert len(done) == 1


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(compression, "MOST_KEPT", 1000)
    store = compression.Store()
    for number in range(50):
        store.set(f"br;{number}", bytes(100))
    store.set("br;", b"private")
    assert sum(map(len, store._found.values())) <= 1000 and store.get("br;49") and store.get("br;") is None
