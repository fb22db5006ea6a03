"""What leaves for addresses that somebody typed: never to where only the house itself can go.

A webhook's address comes from an administrator, a push endpoint from any resident's browser. Both are asked by
`session()`, which looks at every address that a name leads to, connects to the very one it has looked at, follows
no redirect, obeys no proxy of the environment and ends in time, however slowly the other side answers.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import current_app
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from core.database.transactions import must_not_write
from core.i18n import gettext as _

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The longest that one question to the other side may take, from the first word to its answer, in seconds.
PATIENCE = 10.0
#: How much of an answer is read, in bytes: what it means stands in its status.
READ = 2048
_PORT = {"http": 80, "https": 443}
#: IPv6 addresses that stand for an IPv4 one behind them: 64:ff9b::/96.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Refusal(Exception):
    """The other side refuses this message; `permanent` when asking again makes no sense.

    `after`: how long it wants to be left alone, in seconds.
    """

    def __init__(self, reason: str, *, permanent: bool, after: float = 0) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.after = after


class NoRecipient(Exception):
    """There is nobody at the other end any more, and nothing that a person could mend: no failure of ours."""


class Unavailable(Exception):
    """The other side cannot be spoken with; `begun` when it may have got some of this message."""

    def __init__(self, reason: str, *, begun: bool) -> None:
        super().__init__(reason)
        self.begun = begun


class BlockedAddress(ValueError):
    """An address that is not to be asked. Its text says why in English, for a log; `words` say it to people."""

    @property
    def words(self) -> str:
        """One sentence in the language spoken now."""
        return {
            "scheme": _("The address must begin with https://."),
            "credentials": _("The address must not contain a user name or password."),
            "unknown": _("This address cannot be found: check the host name."),
        }.get(str(self), _("This address is inside our own network: we do not call it from here."))


class AllowedTargets:
    """What ALLOW_PRIVATE_TARGETS lets through: host names and networks, or everything."""

    def __init__(self, setting: str) -> None:
        named = {part.strip().lower() for part in setting.split(",")} - {""}
        self.all = bool(named & {"*", "1", "true", "yes"})
        self.networks: list[Network] = []
        self.hosts: set[str] = set()
        for one in named:
            try:
                self.networks.append(ipaddress.ip_network(one, strict=False))
            except ValueError:
                self.hosts.add(one)

    def host(self, host: str) -> bool:
        """Whether that name may lead anywhere."""
        return self.all or host.lower().rstrip(".") in self.hosts

    def address(self, address: Ip) -> bool:
        """Whether that address may be asked although it is not of the public network."""
        return self.all or any(address in network for network in self.networks)


@lru_cache
def _allowed(setting: str) -> AllowedTargets:
    return AllowedTargets(setting)


def check_url(url: str) -> None:
    """Look at an address before it is kept. Raises BlockedAddress ("unknown": the name leads nowhere yet).

    Looking once is not enough, names change: `session()` looks again each time it connects.
    """
    must_not_write("resolver")
    allowed = _allowed(current_app.config["ALLOW_PRIVATE_TARGETS"])
    _checked_url(url, allowed)


def check_written(url: str) -> None:
    """Look at an address as it is written, without asking a name server: where a name leads is looked at each time
    that `session()` connects. For addresses that strangers type: a name may take a resolver half a minute.

    Raises BlockedAddress.
    """
    _checked_url(url, _allowed(current_app.config["ALLOW_PRIVATE_TARGETS"]), names=False)


def guarded_session(patience: float = PATIENCE) -> requests.Session:
    """A session that reaches public addresses only; each question ends within `patience` seconds.

    It raises requests' exceptions, and BlockedAddress. Needs an application context to be made, none to be used; used
    by one thread at a time.
    """
    return _Session(_allowed(current_app.config["ALLOW_PRIVATE_TARGETS"]), patience)


def _checked_url(url: str, allowed: AllowedTargets, *, names: bool = True) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BlockedAddress("unknown") from None
    if parts.username or parts.password:
        raise BlockedAddress("credentials")
    if parts.scheme not in _PORT or not host:
        raise BlockedAddress("scheme")
    try:
        found = _addresses(host, port or _PORT[parts.scheme], allowed, names=names)
    except UnicodeError:
        raise BlockedAddress("unknown") from None
    except OSError:
        if names:
            raise BlockedAddress("unknown") from None
        found = []
    if parts.scheme == "http" and not (allowed.host(host) or found and all(allowed.address(ip) for ip, _way in found)):
        raise BlockedAddress("scheme")


def _addresses(
    host: str, port: int, allowed: AllowedTargets, *, names: bool = True
) -> list[tuple[Ip, tuple[Any, ...]]]:
    """Every address of `host`, with the way to it. Raises BlockedAddress when one of them is not to be asked, OSError.

    Without `names` a host that is no address in figures is an OSError: no name server is asked.
    """
    flags = 0 if names else socket.AI_NUMERICHOST
    ways = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=flags)
    found = [(ipaddress.ip_address(str(way[4][0]).partition("%")[0]), way) for way in ways]
    for address, _way in found:
        if not (allowed.host(host) or allowed.address(address) or is_public_address(address)):
            raise BlockedAddress("inside our own network")
    return found


def is_public_address(address: Ip) -> bool:
    """Whether an address belongs to the public network, and not to this machine."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(inner)
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not _is_own_address(address)


def _is_own_address(address: Ip) -> bool:
    """Whether it is an address of this machine: behind it may stand what no firewall lets others reach."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


class _Session(requests.Session):
    """requests' session behind the guard: no redirects, no proxies, a short answer, in time."""

    def __init__(self, allowed: AllowedTargets, patience: float) -> None:
        super().__init__()
        self.trust_env = False
        self.allowed, self.patience = allowed, patience
        self.headers.update({"User-Agent": "Alentour", "Accept-Encoding": "identity"})
        guard = _GuardedAdapter(allowed, patience)
        self.mount("http://", guard)
        self.mount("https://", guard)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Ask, and read the beginning of the answer."""
        must_not_write("other side")
        if urlsplit(request.url or "").scheme != "https":
            _checked_url(request.url or "", self.allowed)
        options |= {"allow_redirects": False, "stream": True, "timeout": self.patience, "proxies": {}}
        answer = super().send(request, **options)
        try:
            beginning = answer.raw.read1(READ, decode_content=False) or b""
        except Exception:  # noqa: BLE001 - the status has been said; what is beside it may be missing
            beginning = b""
        answer.close()
        # All that `content` and `text` will find: the rest of the answer is never waited for.
        answer.raw = BytesIO(beginning)
        return answer


class _GuardedAdapter(HTTPAdapter):
    """Connections that look at where they lead."""

    def __init__(self, allowed: AllowedTargets, patience: float) -> None:
        self._kinds = _pools(allowed, patience)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Let the pools make our connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._kinds


def _pools(allowed: AllowedTargets, patience: float) -> dict[str, type]:
    class Plain(_CheckedConnection):
        guard = (allowed, patience)

    class Secure(_CheckedConnection, HTTPSConnection):
        guard = (allowed, patience)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _CheckedConnection(HTTPConnection):
    """A connection to an address that was looked at, ended when it takes too long."""

    guard: tuple[AllowedTargets, float]
    _hold: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        allowed, _patience = self.guard
        try:
            found = _addresses(self._dns_host, self.port, allowed)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        made = self._first(found)
        # TLS takes the socket over: this one, of the same connection, stays in our hands to end it with.
        self._hold = made.dup()
        return made

    def _first(self, found: list[tuple[Ip, tuple[Any, ...]]]) -> socket.socket:
        last: OSError | None = None
        for _address, (family, kind, protocol, _name, way) in found[:4]:
            one = socket.socket(family, kind, protocol)
            try:
                one.settimeout(self.guard[1] / 2)
                one.connect(way)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return one
            except OSError as error:
                one.close()
                last = error
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(self, "no answer") from last
        raise NewConnectionError(self, f"no connection: {type(last).__name__}") from last

    def connect(self) -> None:
        """Connect, TLS included, in time."""
        with self._in_time():
            super().connect()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3, whose own this is
        """The beginning of the answer, in time."""
        with self._in_time():
            return super().getresponse()

    def close(self) -> None:
        """End the connection."""
        super().close()
        hold, self._hold = self._hold, None
        if hold is not None:
            hold.close()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        # A socket's timeout counts from one byte to the next: one byte a second would keep us for ever.
        timer = threading.Timer(self.guard[1], self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        hold = self._hold
        try:
            if hold is not None:
                hold.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
