"""What is said of every event, over every channel, in both languages; to its author and to others."""

from __future__ import annotations

import re

import pytest
from html5lib import HTMLParser

from core.outbox.models import PERSONAL
from reporter.status import TOLD
from tests.reporter.wording import samples

EMPTY = re.compile(r"%\(|None|\{\{|\ue000")


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("channel", PERSONAL)
@pytest.mark.parametrize("kind", TOLD)
def test_every_event_is_said_over_every_channel(acting, town, kind, channel, locale):
    with acting(town):
        of = samples.occasion(kind)
        for reader in (samples.author(of), samples.neighbour(of)):
            mail = samples.written(of, reader, channel=channel, locale=locale)
            for said in (mail.subject, mail.text, mail.html or "x", mail.brief):
                assert said.strip() and not EMPTY.search(said)
            assert len(mail.brief) <= 100 and "\n" not in mail.brief
            assert mail.thread == f"report:{of.matter.id}"
            assert mail.page == samples.LINKS["page"] and mail.unsubscribe == samples.LINKS["stop"]
            if channel == "mail":
                HTMLParser(strict=False).parse(mail.html)
                assert f'lang="{locale}"' in mail.html
