"""A mail server with moods, a process of its own: `python -m bench.telling.smtp PORT JOURNAL`.

It speaks SMTP on the loopback, a thread a conversation, and writes a line of JSON for every mail that it
accepts, before it says so. It reads its mood from its standard input, a word a line, and repeats the word once
it is in that mood.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

#: Accept everything; refuse connections; fall silent; 4xx to a recipient, to a whole mail, to everybody; break off
#: every other mail once it has arrived: without keeping it, or having kept it and not said so.
WELL, REFUSE, HANG = "well", "refuse", "hang"
LATER, LATER_DATA, BUSY = "later", "later_data", "busy"
CUT, CUT_AFTER = "cut", "cut_after"
MOODS = (WELL, REFUSE, HANG, LATER, LATER_DATA, BUSY, CUT, CUT_AFTER)

_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(rb"https?://[^\s<>\"']+")
_GREETING = b"250-localhost\r\n250-SIZE 30000000\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"


class Cut(Exception):
    """This conversation is broken off without another word."""


class Server:
    """The listening socket, the mood, the journal."""

    def __init__(self, port: int, journal: Path) -> None:
        self.port, self.mood = port, WELL
        self._journal = journal.open("a", buffering=1)
        self._writing = threading.Lock()
        self._listening: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._arrived = 0
        #: Where the next mail that is accepted is kept whole.
        self.sample: Path | None = None

    def listen(self) -> None:
        """Take connections."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", self.port))
        made.listen(64)
        self._listening = made
        threading.Thread(target=self._take, args=(made,), daemon=True).start()

    def refuse(self) -> None:
        """Take none any more, and break off those there are."""
        listening, self._listening = self._listening, None
        if listening is not None:
            # A thread in accept() keeps a closed socket listening: shut it down first.
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for one in list(self._open):
            _shut(one)

    def become(self, mood: str) -> None:
        """Be in that mood from now on."""
        self.mood = mood
        if mood == REFUSE:
            self.refuse()
        elif self._listening is None:
            self.listen()

    def _take(self, listening: socket.socket) -> None:
        while self._listening is listening:
            try:
                taken, _address = listening.accept()
            except OSError:
                return
            self._open.add(taken)
            threading.Thread(target=self._talk, args=(taken,), daemon=True).start()

    def _talk(self, taken: socket.socket) -> None:
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with taken.makefile("rb") as heard:
                Conversation(self, taken, heard).hold()
        except (Cut, OSError):
            pass
        finally:
            self._open.discard(taken)
            _shut(taken)
            taken.close()

    def pause(self) -> None:
        """Fall silent for as long as that mood lasts, then break off."""
        while self.mood == HANG:
            time.sleep(0.05)
        raise Cut

    def every_other(self) -> bool:
        """Whether this mail is one of those that a half-hearted mood means."""
        with self._writing:
            self._arrived += 1
            return self._arrived % 2 == 1

    def accept(self, to: str, data: bytes, *, told: bool) -> None:
        """Note a mail. `told`: whether the other side will be told that it was accepted."""
        plain = data.replace(b"=\r\n", b"").replace(b"=3D", b"=")
        links = list(dict.fromkeys(link.decode("ascii", "replace") for link in _LINK.findall(plain)))
        line = {"at": time.time(), "id": _id(data), "to": to, "told": told, "links": links, "bytes": len(data)}
        with self._writing:
            self._journal.write(json.dumps(line) + "\n")
            if self.sample is not None:
                self.sample.write_bytes(data)
                self.sample = None

    def unsaid(self, data: bytes, to: list[str]) -> None:
        """Note that the other side was gone before it was told that a mail was accepted."""
        with self._writing:
            for one in to:
                self._journal.write(json.dumps({"unsaid": _id(data), "to": one}) + "\n")


def _id(data: bytes) -> str:
    found = _ID.search(data)
    return found[1].decode() if found else ""


class Conversation:
    """One connection's commands and answers."""

    def __init__(self, server: Server, taken: socket.socket, heard: BinaryIO) -> None:
        self._server, self._say, self._heard = server, taken.sendall, heard
        self._to: list[str] = []

    def hold(self) -> None:
        """Until the other side leaves."""
        self._moody()
        self._say(b"220 localhost ESMTP\r\n")
        while line := self._heard.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                self._say(b"221 Bye\r\n")
                return
            self._moody()
            self._answer(verb, line)

    def _moody(self) -> None:
        if self._server.mood == HANG:
            self._server.pause()
        if self._server.mood == BUSY:
            self._say(b"421 Too busy, come back later\r\n")
            raise Cut

    def _answer(self, verb: bytes, line: bytes) -> None:
        if verb in (b"EHLO", b"HELO"):
            self._say(_GREETING)
        elif verb == b"RCPT" and self._server.mood == LATER:
            self._say(b"450 4.2.1 Mailbox busy, try again later\r\n")
        elif verb == b"RCPT":
            self._to.append(line.split(b"<", 1)[-1].split(b">", 1)[0].decode("utf-8", "replace"))
            self._say(b"250 OK\r\n")
        elif verb == b"DATA":
            self._data()
        else:
            if verb in (b"MAIL", b"RSET"):
                self._to.clear()
            self._say(b"250 OK\r\n")

    def _data(self) -> None:
        if not self._to:
            self._say(b"503 Nobody to give it to\r\n")
            return
        self._say(b"354 Go on\r\n")
        lines = []
        while (line := self._heard.readline()) != b".\r\n":
            if not line:
                raise Cut
            lines.append(line[1:] if line.startswith(b".") else line)
        self._keep(b"".join(lines))
        self._to.clear()

    def _keep(self, data: bytes) -> None:
        server = self._server
        mood = server.mood
        if mood == HANG:
            server.pause()
        if mood == LATER_DATA:
            self._say(b"451 4.3.0 Not now\r\n")
            return
        half = mood in (CUT, CUT_AFTER) and server.every_other()
        if half and mood == CUT:
            raise Cut
        for to in self._to:
            server.accept(to, data, told=not half)
        if half:
            raise Cut
        try:
            self._say(b"250 OK\r\n")
        except OSError:
            # The connections were broken off at this very moment.
            server.unsaid(data, self._to)
            raise


def _shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def main() -> None:
    """Serve until the standard input ends: who started it has gone, then."""
    server = Server(int(sys.argv[1]), Path(sys.argv[2]))
    server.listen()
    print("listening", flush=True)
    for line in sys.stdin:
        word, _space, rest = line.strip().partition(" ")
        if word == "sample":
            server.sample = Path(rest)
        elif word in MOODS:
            server.become(word)
        print(word, flush=True)


if __name__ == "__main__":
    main()
