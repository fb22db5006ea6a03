"""Reading the mailbox: each mail in a short transaction of its own, put away only once that is committed.

A process that dies between the two finds the mail again, and that it has been taken in.
"""

from __future__ import annotations

import logging
import time

from flask import Flask, current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from core.database import db, end_transaction
from core.jobs import Job, describe_error, enqueue, register_sweep, stop_requested
from core.storage import StorageUnavailable
from reporter.inbound.mail import imap, intake
from reporter.inbound.models import UNKNOWN

log = logging.getLogger(__name__)

#: A larger mail is not read (bytes): four photos of 15 MB would not pass any mail server anyway.
LARGEST = 40 * 2**20
#: One run takes no more mails and no longer (seconds) than this; the next one goes on.
MOST, SECONDS = 200, 240


def enqueue_mailbox_read() -> None:
    """Have the mailbox read, on a queue of its own: a server that hangs delays nothing else."""
    if current_app.config["IMAP_URL"]:
        enqueue([Job("arrivals", read_mailbox, once="arrivals")])


def read_mailbox() -> int:
    """Take in what waits in the mailbox; returns how many mails. May run twice, and beside itself."""
    url = current_app.config["IMAP_URL"]
    if not url:
        return 0
    taken, until = 0, time.monotonic() + SECONDS
    try:
        with imap.open_mailbox(url) as box:
            for uid in box.waiting(MOST):
                if stop_requested() or time.monotonic() > until:
                    break
                taken += _take_one(box, uid)
    except imap.AWAY as error:
        db.session.rollback()
        log.warning("The mailbox is away: %s", type(error).__name__)
    except (StorageUnavailable, OperationalError, InterfaceError) as error:
        # Not the mail's fault: it waits for the next time.
        db.session.rollback()
        log.warning("Mails wait, %s is away", type(error).__name__)
    return taken


def _take_one(box: imap.Mailbox, uid: str) -> bool:
    head = box.head(uid)
    if head is None:
        return False
    known = intake.known_mail(head.headers)
    # A mailbox may take its time: no transaction is open while it is spoken with.
    end_transaction()
    if known is not None:
        # Taken in by a process that died before it was put away.
        box.done(uid, understood=known != UNKNOWN)
        return False
    raw = box.whole(uid) if head.size <= LARGEST else None
    if raw is None and head.size <= LARGEST:
        return False
    # A server may not tell how large a mail is before it sends it.
    kept = _kept(head, raw if raw is None or len(raw) <= LARGEST else None)
    box.done(uid, understood=kept != UNKNOWN)
    return True


def _kept(head: imap.MailHead, raw: bytes | None) -> str:
    """What the mail was taken for, once that is committed."""
    try:
        inbound = intake.take_mail(raw) if raw is not None else intake.take_unread(head.headers)
        kind = inbound.interpreted_as
        db.session.commit()
        return kind
    except (StorageUnavailable, OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - one mail that cannot be taken in stops no other
        db.session.rollback()
        log.error("A mail cannot be taken in: %s", describe_error(error))
        return _take_broken(head)


def _take_broken(head: imap.MailHead) -> str:
    """A mail that cannot be read is put away for the desk, whatever its headers are."""
    try:
        intake.take_broken(head.headers)
        db.session.commit()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - it waits in its folder of the mailbox all the same
        db.session.rollback()
        log.error("A mail cannot be noted: %s", describe_error(error))
    return UNKNOWN


def init_app(app: Flask) -> None:
    """Register the sweep of the mailbox."""
    register_sweep(enqueue_mailbox_read, seconds=20)
