"""What is said of every event, over every channel, in both languages; to its author and to others."""

from __future__ import annotations

import re

import pytest
from html5lib import HTMLParser

from core.channel_names import PERSONAL
from core.i18n import speaking
from core.times import day_words
from reporter.messages.event_texts import moment
from reporter.statuses import TOLD
from tests.reporter.messages import samples

EMPTY = re.compile(r"%\(|None|\{\{|\ue000")


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("channel", PERSONAL)
@pytest.mark.parametrize("kind", TOLD)
def test_every_event_is_said_over_every_channel(acting, jurisdiction, kind, channel, locale):
    with acting(jurisdiction):
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


@pytest.mark.parametrize("kind", ["planned", "day_changed"])
def test_news_of_a_day_shows_that_day_and_not_the_hour_of_telling(acting, jurisdiction, kind):
    with acting(jurisdiction):
        of = samples.occasion(kind)
        mail = samples.written(of, samples.author(of))
        with speaking("fr"):
            planned = day_words(moment(of.facts, "start"))
    (row,) = re.findall(r"^Jour de l’intervention\s*: (.*)$", mail.text, re.MULTILINE)
    assert row == planned[0].upper() + planned[1:]
    assert "Quand" not in mail.text and "Quand" not in mail.html


def test_a_day_that_no_longer_holds_shows_none(acting, jurisdiction):
    with acting(jurisdiction):
        of = samples.occasion("day_changed")
        of.facts["start"] = None
        mail = samples.written(of, samples.author(of))
    assert "Jour de l’intervention" not in mail.text and "Quand" not in mail.text


def test_other_news_say_when_it_happened(acting, jurisdiction):
    with acting(jurisdiction):
        of = samples.occasion("rejected")
        assert "Quand" in samples.written(of, samples.author(of)).text
