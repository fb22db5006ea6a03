"""No transaction is open while the storage or the mailbox is spoken with."""

from __future__ import annotations

import pytest

from core import storage
from core.database import db
from core.storage import files
from reporter.arrivals import fetch, imap, taking
from tests import factories
from tests.reporter.arrivals.writing import mail
