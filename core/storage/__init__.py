"""Where files are kept: a folder on disk or an S3 bucket, behind one small interface.

STORAGE_URL says which:

- `file:///srv/alentour/files`: a folder. A file is written beside its place, synced to the disk and renamed
  into it, its folder synced too: what `put` returned from survives a power cut.
- `s3://KEY:SECRET@host:port/bucket/prefix?region=fr-par&tls=0`: a bucket at that server. KEY and SECRET are
  percent-encoded; `prefix` and the options may be left out (TLS is on, the region is us-east-1 by default).
- `s3://bucket/prefix?region=eu-west-3`: a bucket at AWS; the credentials are found by boto3's own chain
  (environment, configuration file, role of the machine).

Keys are paths of plain characters (`originals/2026-11-21/0b6f…`). What cannot be reached raises `StorageUnavailable`, a
Refused with status 503: pages and API answer it with a sentence, jobs leave their work to their sweep.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import Flask, current_app

from core.current_app import current_application
from core.database.transactions import must_not_write
from core.errors import Refused
from core.i18n import gettext as _
from core.settings import SettingsError

log = logging.getLogger(__name__)

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 2, 8, 2


class StorageUnavailable(Refused):
    """The storage cannot be reached, or refuses to keep anything (HTTP 503)."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("Photos cannot be saved at the moment. Please try again in a few minutes."), code="storage_away"
        )


class NoSuchFile(LookupError):
    """There is nothing under that key."""


class Storage(Protocol):
    """What the rest of Alentour knows of a storage. Each method raises StorageUnavailable when it is away."""

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Keep `data` under `key`, durably when this returns; what was there before is replaced at once."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises NoSuchFile when there are none."""

    def delete(self, key: str) -> None:
        """Forget `key`; nothing happens when it is not there."""

    def keys(self, folder: str) -> Iterator[str]:
        """The keys directly inside one folder (never the whole store), in no order."""

    def ready(self) -> None:
        """Return when files can be kept, else raise StorageUnavailable."""


def checked_key(key: str) -> str:
    """`key` when it is one that every storage can keep. Raises ValueError (a programming error)."""
    if not _KEY.fullmatch(key) or ".." in key or len(key) > 500:
        raise ValueError(f"Not a storage key: {key!r}")
    return key


class Disk:
    """A folder on this machine, or one mounted on it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """See Storage.put. The media type is known from the row that names the key."""
        path = self.root / checked_key(key)
        with self._reaching("write"):
            try:
                _write(path, data)
            except FileNotFoundError:
                # Its folder was empty a moment ago, and somebody's `delete` took it away.
                _write(path, data)

    def get(self, key: str) -> bytes:
        """See Storage.get."""
        with self._reaching("read"):
            try:
                return (self.root / checked_key(key)).read_bytes()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise NoSuchFile(key) from None

    def delete(self, key: str) -> None:
        """See Storage.delete. A folder that becomes empty goes too."""
        path = self.root / checked_key(key)
        with self._reaching("delete"):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            try:
                path.parent.rmdir()
            except OSError:
                pass  # not empty

    def keys(self, folder: str) -> Iterator[str]:
        """See Storage.keys. Also names what an interrupted `put` left behind."""
        with self._reaching("list"):
            try:
                with os.scandir(self.root / checked_key(folder)) as entries:
                    names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
            except (FileNotFoundError, NotADirectoryError):
                return
        yield from (f"{folder}/{name}" for name in names)

    def ready(self) -> None:
        """See Storage.ready. The folder is made when it is first needed."""
        with self._reaching("create"):
            _make_folder(self.root)
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise StorageUnavailable

    @contextmanager
    def _reaching(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            log.error("The storage folder cannot %s: %s", verb, error.strerror or type(error).__name__)
            raise StorageUnavailable from error


def _make_folder(folder: Path) -> None:
    """Create a folder and its parents, each synced into its own parent."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o750, exist_ok=True)
        _sync_folder(one.parent)


def _write(path: Path, data: bytes) -> None:
    _make_folder(path.parent)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(6)}.part")
    try:
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, 0o640)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class S3:
    """A bucket, which must exist: Alentour never creates one."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        endpoint: str | None = None,
        key: str | None = None,
        secret: str | None = None,
        region: str | None = None,
    ) -> None:
        import boto3
        from botocore.config import Config

        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name=region or ("us-east-1" if endpoint else None),
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                max_pool_connections=16,
                retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
                signature_version="s3v4",
                s3={"addressing_style": "path"} if endpoint else {},
                # Servers other than AWS's own need not know the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """See Storage.put."""
        with self._reaching("put"):
            self._client.put_object(Bucket=self.bucket, Key=self._name(key), Body=data, ContentType=media_type)

    def get(self, key: str) -> bytes:
        """See Storage.get."""
        with self._reaching("get", key):
            return self._client.get_object(Bucket=self.bucket, Key=self._name(key))["Body"].read()

    def delete(self, key: str) -> None:
        """See Storage.delete."""
        with self._reaching("delete"):
            self._client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def keys(self, folder: str) -> Iterator[str]:
        """See Storage.keys."""
        start = f"{self._name(folder)}/"
        with self._reaching("list"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=start, Delimiter="/"):
                yield from (
                    found["Key"].removeprefix(self.prefix)
                    for found in page.get("Contents", ())
                    if found["Key"] != start
                )

    def ready(self) -> None:
        """See Storage.ready."""
        with self._reaching("head"):
            self._client.head_bucket(Bucket=self.bucket)

    def _name(self, key: str) -> str:
        return self.prefix + checked_key(key)

    @contextmanager
    def _reaching(self, verb: str, key: str = "") -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if verb == "get" and code in ("NoSuchKey", "404"):
                raise NoSuchFile(key) from None
            log.error("The storage refuses to %s: %s", verb, code)
            raise StorageUnavailable from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            log.error("The storage cannot be reached to %s: %s", verb, type(error).__name__)
            raise StorageUnavailable from error


def from_url(url: str) -> Storage:
    """The storage that STORAGE_URL means. Raises SettingsError; its sentence never repeats the secret."""
    try:
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        port = parts.port
    except ValueError:
        raise SettingsError("Unusable setting: STORAGE_URL is not an address.") from None
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return Disk(Path(unquote(parts.path)))
    unknown = set(options) - {"region", "tls"}
    if parts.scheme != "s3" or not parts.hostname or unknown:
        raise SettingsError(
            "Unusable setting: STORAGE_URL must be file:///FOLDER, "
            "s3://KEY:SECRET@HOST:PORT/BUCKET?region=…&tls=0 or s3://BUCKET?region=…."
        )
    path = unquote(parts.path).strip("/")
    if parts.username is None:
        return S3(parts.netloc, path, region=options.get("region"))
    bucket, _slash, prefix = path.partition("/")
    if not bucket or not parts.password:
        raise SettingsError("Unusable setting: STORAGE_URL must name KEY:SECRET and the bucket.")
    scheme = "http" if options.get("tls") == "0" else "https"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return S3(
        bucket,
        prefix,
        endpoint=f"{scheme}://{host}{f':{port}' if port else ''}",
        key=unquote(parts.username),
        secret=unquote(parts.password),
        region=options.get("region"),
    )


def init_app(app: Flask) -> None:
    """Find the storage at the start: a bad STORAGE_URL stops it, and forked jobs need make no client."""
    app.extensions["storage"] = from_url(app.config["STORAGE_URL"])


def storage() -> Storage:
    """The storage of the current application, which may be another party's: see core.database.transactions."""
    must_not_write("storage")
    if "storage" not in current_app.extensions:
        init_app(current_application())
    return current_app.extensions["storage"]
