"""What leaves for addresses that somebody typed reaches nothing inside the house, and ends in time."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from core import outbound
from core.outbound import BlockedAddress, check_url, guarded_session, is_public_address


@pytest.fixture(autouse=True)
def context(app, database, acting):
    with acting():
        yield


@pytest.fixture
def allowed(app, monkeypatch):
    """Whatever a test allows."""
    return lambda what: monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", what)


@contextmanager
def served(answer):
    """A server of this machine: `answer(handler)` on each POST; yields its address and what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            asked.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            answer(self)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def accepted(handler):
    handler.send_response(201)
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"ok")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.5.5",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:db8::1",
    ],
)
def test_what_is_not_of_the_public_network(address):
    assert not is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_is(address):
    assert is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1:8443/",
        "https://[::ffff:169.254.169.254]/latest/meta-data",
        "https://0/",
    ],
)
def test_no_way_of_writing_it_leads_inside(url):
    with pytest.raises(BlockedAddress, match="inside"):
        check_url(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://8.8.8.8/", "scheme"),
        ("ftp://8.8.8.8/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("", "scheme"),
        ("https:///x", "scheme"),
        ("https://user:word@8.8.8.8/", "credentials"),
        ("https://8.8.8.8:port/", "unknown"),
        ("https://nobody.invalid/", "unknown"),
    ],
)
def test_what_is_no_address_to_ask(url, why):
    with pytest.raises(BlockedAddress, match=why) as blocked:
        check_url(url)
    assert blocked.value.words.endswith(".")


def test_a_public_address_is_fine():
    check_url("https://8.8.8.8/hook?x=1")


@pytest.mark.parametrize("what", ["*", "127.0.0.0/8", "10.0.0.0/8, 127.0.0.1", "true"])
def test_what_the_administrator_allows(allowed, what):
    allowed(what)
    check_url("http://127.0.0.1:8080/hook")


def test_a_name_may_be_allowed(allowed):
    allowed("localhost")
    check_url("http://localhost:8080/hook")
    with pytest.raises(BlockedAddress):
        check_url("https://127.0.0.1/")


def test_nothing_is_said_to_an_address_inside(allowed):
    with served(accepted) as (url, asked):
        with pytest.raises(BlockedAddress):
            guarded_session().post(url + "/hook", data=b"x")
        assert asked == []
        allowed("127.0.0.1")
        answer = guarded_session().post(url + "/hook", data=b"x")
        assert (answer.status_code, answer.content, asked) == (201, b"ok", [("/hook", b"x")])


def test_a_name_that_leads_elsewhere_meanwhile_is_not_followed(monkeypatch):
    """The name is public when it is looked at, ours when it is asked: what is connected to was looked at too."""
    real = socket.getaddrinfo
    with served(accepted) as (url, asked):
        port = int(url.rpartition(":")[2])
        turns = iter(["8.8.8.8", "127.0.0.1"])
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: real(next(turns), *more, **named))
        check_url(f"https://rebound.example:{port}/")
        with pytest.raises(BlockedAddress):
            guarded_session().post(f"https://rebound.example:{port}/", data=b"x")
        assert asked == []


def test_one_address_inside_among_several_is_enough(monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **named: real("8.8.8.8", *more, **named) + real("10.0.0.1", *more, **named),
    )
    with pytest.raises(BlockedAddress):
        check_url("https://two.example/")


def test_a_redirect_is_not_followed(allowed):
    def elsewhere(handler):
        handler.send_response(307)
        handler.send_header("Location", "/inside")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    allowed("127.0.0.1")
    with served(elsewhere) as (url, asked):
        assert guarded_session().post(url + "/hook", data=b"x").status_code == 307
        assert [path for path, _data in asked] == ["/hook"]


def test_a_proxy_of_the_environment_is_not_used(allowed, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    allowed("127.0.0.1")
    with served(accepted) as (url, _asked):
        assert guarded_session().post(url, data=b"x").status_code == 201


def drip(handler):
    """One byte, again and again: no single silence is long."""
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


def test_one_that_drips_is_left_in_time(allowed):
    allowed("127.0.0.1")
    with served(drip) as (url, _asked):
        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            guarded_session(patience=0.5).post(url, data=b"x")
        assert time.monotonic() - began < 3


def test_a_long_answer_is_not_read(allowed):
    def long(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**9))
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    allowed("127.0.0.1")
    with served(long) as (url, _asked):
        began = time.monotonic()
        assert len(guarded_session().post(url, data=b"x").content) <= outbound.READ
        assert time.monotonic() - began < 3
