"""Both storages behind one interface: the same promises on a disk and on a real S3 server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time

import pytest

from core import storage
from core.settings import ROOT, SettingsError
from core.storage import Disk, NoSuchFile, StorageUnavailable, from_url
from tests.s3_server import BUCKET


@pytest.fixture(scope="module")
def bucket(weed):
    return from_url(weed.url)


@pytest.fixture(params=["disk", "s3"])
def store(request, tmp_path):
    if request.param == "disk":
        return from_url(f"file://{tmp_path}/a%20folder")
    return request.getfixturevalue("bucket")


def test_what_was_put_is_got(store):
    store.put("originals/2026-03-02/one", b"\0\xff" * 1000, "image/jpeg")
    assert store.get("originals/2026-03-02/one") == b"\0\xff" * 1000
    store.put("originals/2026-03-02/one", b"other", "image/jpeg")
    assert store.get("originals/2026-03-02/one") == b"other"
    store.ready()


def test_what_was_deleted_is_gone(store):
    store.put("gone/one", b"1", "image/jpeg")
    store.delete("gone/one")
    store.delete("gone/one")
    store.delete("never/there")
    with pytest.raises(NoSuchFile):
        store.get("gone/one")
    store.put("gone/one", b"2", "image/jpeg")
    assert store.get("gone/one") == b"2"


def test_one_folder_is_listed_and_nothing_else(store):
    for key in ("days/1/a", "days/1/b", "days/2/c", "days/10/d", "days/1/deeper/e"):
        store.put(key, b"x", "image/jpeg")
    assert sorted(store.keys("days/1")) == ["days/1/a", "days/1/b"]
    assert list(store.keys("days/3")) == []


def test_a_large_file(store):
    data = os.urandom(15 * 2**20)
    store.put("large/one", data, "image/png")
    assert store.get("large/one") == data


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../../b",
        "a//b",
        "a/",
        ".",
        "a/.",
        "a/..",
        "a b",
        "é",
        "a\n",
        "x" * 501,
    ],
)
def test_no_other_key_is_taken(store, key):
    for call in (store.get, store.delete, lambda key: store.put(key, b"", "image/jpeg")):
        with pytest.raises(ValueError):
            call(key)


def test_the_server_goes_away_and_comes_back(weed):
    store = from_url(weed.url)
    store.put("kept/before", b"before", "image/jpeg")
    weed.kill()
    try:
        for call in (
            lambda: store.put("kept/during", b"x", "image/jpeg"),
            lambda: store.get("kept/before"),
            lambda: store.delete("kept/before"),
            lambda: list(store.keys("kept")),
            store.ready,
        ):
            with pytest.raises(StorageUnavailable) as caught:
                call()
            assert caught.value.status == 503 and caught.value.sentence.endswith(".")
    finally:
        weed.start()
    assert store.get("kept/before") == b"before"
    with pytest.raises(NoSuchFile):
        store.get("kept/during")
    store.put("kept/after", b"after", "image/jpeg")
    assert store.get("kept/after") == b"after"


def test_a_server_that_says_nothing_is_left_alone_in_time(monkeypatch):
    monkeypatch.setattr(storage, "READ_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = from_url(f"s3://key:secret@127.0.0.1:{silent.getsockname()[1]}/bucket?tls=0")
        with pytest.raises(StorageUnavailable):
            store.put("a/b", b"x" * 100_000, "image/jpeg")


def test_a_wrong_secret_or_bucket_is_said_as_away(weed):
    for url in (weed.url.replace("alentour:", "nobody:"), weed.url.replace(f"/{BUCKET}/", "/elsewhere/")):
        with pytest.raises(StorageUnavailable):
            from_url(url).ready()
        with pytest.raises(StorageUnavailable):
            from_url(url).get("a/b")


def test_the_prefix_holds_everything(weed):
    from_url(weed.url).put("inside/one", b"1", "image/webp")
    found = weed.client().head_object(Bucket=BUCKET, Key="town/inside/one")
    assert found["ContentType"] == "image/webp"


def test_a_file_is_whole_or_not_there_when_its_writer_is_killed(tmp_path):
    """Eight writers are killed at any moment: each file that is there is whole."""
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from core.storage import Disk
        store = Disk(Path(sys.argv[1]))
        number = 0
        print("begun", flush=True)
        while True:
            store.put(f"day/{number % 7}", bytes([number % 256]) * 300_000, "image/jpeg")
            number += 1
    """)
    for attempt in range(8):
        writer = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
        assert writer.stdout.readline()
        time.sleep(0.01 + attempt * 0.007)
        writer.kill()
        writer.wait()
    store = Disk(tmp_path)
    whole = [key for key in store.keys("day") if not key.endswith(".part")]
    assert whole
    for key in whole:
        data = store.get(key)
        assert len(data) == 300_000 and len(set(data)) == 1


def test_a_full_disk_is_said_as_away_and_leaves_nothing_half_kept(tmp_path):
    store = Disk(tmp_path / "store")
    store.ready()
    (tmp_path / "store" / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable):
        store.put("file/below", b"x", "image/jpeg")  # a folder cannot be made there
    if os.path.exists("/dev/full"):
        (tmp_path / "store" / "full").symlink_to("/dev")
        with pytest.raises(StorageUnavailable):
            Disk(tmp_path / "store" / "full").put("null/one", b"x", "image/jpeg")
    assert sorted(os.listdir(tmp_path / "store")) == ["file", "full"]


def test_writing_fails_midway(tmp_path, monkeypatch):
    store = Disk(tmp_path)

    def no_space(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(StorageUnavailable):
        store.put("one", b"x", "image/jpeg")
    assert os.listdir(tmp_path) == []


def test_an_emptied_folder_goes_and_comes_back(tmp_path):
    store = Disk(tmp_path)
    store.put("day/one", b"x", "image/jpeg")
    store.delete("day/one")
    assert not (tmp_path / "day").exists()
    store.put("day/one", b"x", "image/jpeg")
    assert store.get("day/one") == b"x"


@pytest.mark.parametrize(
    "url",
    [
        "file://relative/path",
        "file:///",
        "s3://",
        "s3://key:secret@host",
        "s3://key@host/bucket",
        "ftp://host/a",
        "s3://key:secret@host:port/bucket",
        "s3://key:secret@host/bucket?tsl=0",
    ],
)
def test_an_unusable_address_is_said_without_its_secret(url):
    with pytest.raises(SettingsError) as caught:
        from_url(url)
    assert "STORAGE_URL" in str(caught.value) and "secret@" not in str(caught.value)


def test_addresses(monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    amazon = from_url("s3://my-bucket/some/prefix?region=eu-west-3")
    assert (amazon.bucket, amazon.prefix) == ("my-bucket", "some/prefix/")
    assert amazon._client.meta.endpoint_url == "https://s3.eu-west-3.amazonaws.com"
    other = from_url("s3://k:s%2Fx@s3.example.org/b?region=fr-par")
    assert (other.bucket, other.prefix) == ("b", "")
    assert other._client.meta.endpoint_url == "https://s3.example.org"
    assert other._client._request_signer._credentials.secret_key == "s/x"
