"""HTML and JSON leave compressed where no proxy does it; what mixes secrets with reflected input does not.

Flask-Compress chooses the coding (zstd, br, gzip) and does the work; here stand the three things it does not know:
which answers may be compressed at all (docs/decisions/0033), that a public page which is kept is not compressed anew
for each reader, and that a tag which a client read off a compressed answer is still the version that it names.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from hashlib import blake2b

from flask import Flask, Response, g, request
from flask_compress import Compress

from core.i18n import COOKIE

#: From how many bytes on it pays.
FEWEST = 700
#: Bytes of compressed answers that one process keeps, and the largest that is kept.
MOST_KEPT, LARGEST_KEPT = 4 * 2**20, 256 * 2**10
KINDS = [
    "text/html",
    "text/css",
    "text/plain",
    "application/json",
    "application/geo+json",
    "application/problem+json",
    "application/atom+xml",
    "application/xml",
    "text/xml",
    "text/calendar",
    "application/manifest+json",
    "image/svg+xml",
]
#: Flask-Compress writes the coding behind a tag: "5" read compressed is "5:br".
_SUFFIX = re.compile(r':(?:zstd|br|gzip)(?=")')


class Store:
    """Compressed public answers by their content, the last ones used, MOST_KEPT bytes in all."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """What is kept under `key`; None for what is not public (its key ends so)."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def set(self, key: str, value: bytes) -> None:
        """Keep it, unless it is nobody else's to read or too large."""
        if key.endswith(";") or len(value) > LARGEST_KEPT:
            return
        with self._lock:
            if key not in self._found:
                self._found[key] = value
                self._size += len(value)
            while self._size > MOST_KEPT:
                self._size -= len(self._found.popitem(last=False)[1])


class Compression(Compress):
    """Flask-Compress, asked only about what may be compressed."""

    def after_request(self, response: Response | None) -> Response:
        """Compress, or leave alone; a kind that is ever compressed always says that it varies."""
        if response is None:
            return super().after_request(response)
        if response.mimetype not in self.compress_mimetypes_set or response.is_streamed:
            return response
        if not may_be_compressed(response):
            return response
        if not request.headers.get("Accept-Encoding"):
            response.vary.add("Accept-Encoding")
            return response
        if response.status_code == 304:
            return _as_asked(response)
        g.content_key = blake2b(response.get_data(), digest_size=16).hexdigest() if _public(response) else ""
        return super().after_request(response)


def may_be_compressed(response: Response) -> bool:
    """Whether the size of an answer tells nobody a secret (BREACH).

    An attacker must make a signed-in browser ask for a page that repeats words of the attacker's choice beside a
    secret: so nothing is compressed that was asked for with a cookie (the language's aside) and either carries a
    query or is the answer to a form, nor what sets a cookie, nor what a key in the address opened.
    """
    if "Set-Cookie" in response.headers:
        return False
    if request.args.get("key"):
        return False
    # A page with a form's token makes the session's cookie only after this.
    if "csrf_token" not in g and not request.cookies.keys() - {COOKIE}:
        return True
    return request.method in ("GET", "HEAD") and not request.query_string


def _public(response: Response) -> bool:
    return (
        not request.cookies
        and "Authorization" not in request.headers
        and not response.cache_control.private
        and not response.cache_control.no_store
    )


def _as_asked(response: Response) -> Response:
    """A 304 names the tag that the client holds."""
    asked = g.get("tags_asked", "")
    etag, weak = response.get_etag()
    if etag and not weak:
        held = re.search(rf'"{re.escape(etag)}(:(?:zstd|br|gzip))"', asked)
        if held:
            response.set_etag(etag + held.group(1))
    response.vary.add("Accept-Encoding")
    return response


def _plain_tags() -> None:
    """Take the coding off the tags that a client sends back: views compare versions, not codings."""
    for header in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"):
        sent = request.environ.get(header)
        if sent and ":" in sent:
            if header == "HTTP_IF_NONE_MATCH":
                g.tags_asked = sent
            request.environ[header] = _SUFFIX.sub("", sent)


def init_app(app: Flask) -> None:
    """Compress the answers of `app`."""
    app.config.update(
        COMPRESS_MIMETYPES=KINDS,
        COMPRESS_MIN_SIZE=FEWEST,
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_LEVEL=5,
        COMPRESS_BR_LEVEL=4,
        COMPRESS_ZSTD_LEVEL=3,
        COMPRESS_STREAMS=False,
        # A view that knows its tag has answered 304 by itself: what it chose to send is sent.
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
        COMPRESS_CACHE_BACKEND=Store,
        COMPRESS_CACHE_KEY=lambda _request: g.get("content_key", ""),
    )
    app.before_request(_plain_tags)
    Compression().init_app(app)
