"""A mailbox on the loopback that speaks real IMAP (pymap), and the hands to put mails into it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from imap_tools import MailBoxUnencrypted

USER, PASSWORD = "boite", "un mot de passe"


class Mailbox:
    """`with Mailbox(folder) as box:` – `box.url` is an IMAP_URL, `box.put(bytes)` delivers a mail."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = folder / "imap.log"
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """The IMAP_URL of this mailbox."""
        return f"imap://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/INBOX"

    def __enter__(self) -> Mailbox:
        command = [
            str(Path(sys.executable).parent / "pymap"),
            "--no-tls",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "dict",
            "--demo-user",
            USER,
            "--demo-password",
            PASSWORD,
        ]
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out)
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
                time.sleep(0.1)

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)

    def client(self, folder: str = "INBOX") -> MailBoxUnencrypted:
        """A conversation with it, as a mail program has."""
        return MailBoxUnencrypted("127.0.0.1", self.port, timeout=10).login(USER, PASSWORD, initial_folder=folder)

    def put(self, *mails: bytes) -> None:
        """Deliver mails."""
        with self.client() as client:
            for mail in mails:
                client.append(mail, "INBOX")

    def subjects(self, folder: str = "INBOX") -> list[str]:
        """The subjects of the mails in a folder; none where there is no such folder."""
        with self.client() as client:
            if not client.folder.exists(folder):
                return []
            client.folder.set(folder)
            return [one.subject for one in client.fetch(mark_seen=False)]

    def empty(self) -> None:
        """Take every mail out of every folder."""
        with self.client() as client:
            for folder in client.folder.list():
                if "\\Noselect" not in folder.flags:
                    client.folder.set(folder.name)
                    client.delete(client.uids())
