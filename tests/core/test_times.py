"""Times as people say them: ages in one scale, promises on working days, figures in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core import times
from core.i18n import speaking


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(hours=24), "1 j"),
        (timedelta(hours=29), "1 j"),
        (timedelta(days=59), "59 j"),
        (timedelta(days=60), "2 mois"),
        (timedelta(days=136), "4 mois"),
        (timedelta(days=364), "12 mois"),
        (timedelta(days=365), "1 an"),
        (timedelta(days=800), "2 ans"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_an_age_is_said_in_one_unit_each_beginning_where_the_last_ends(acting, jurisdiction, passed, said):
    with acting(jurisdiction), speaking("fr"):
        assert times.age_sentence(times.age_units(), passed).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("due", "promised"),
    [
        ("2026-11-26T10:00", "2026-11-26"),  # a Thursday
        ("2026-11-28T10:00", "2026-11-30"),
        ("2026-11-29T10:00", "2026-11-30"),  # a weekend
        ("2026-12-25T10:00", "2026-12-28"),  # Christmas is a Friday, then a weekend
        ("2026-11-29T23:30", "2026-11-30"),  # already Monday in Paris
    ],
)
def test_what_is_promised_falls_on_a_working_day(acting, jurisdiction, due, promised):
    with acting(jurisdiction):
        moment = datetime.fromisoformat(due).replace(tzinfo=UTC)
        assert times.working_day(moment).date().isoformat() == promised


@pytest.mark.parametrize(
    ("number", "locale", "said"), [(5.0, "fr", "5"), (4.5, "fr", "4,5"), (4.5, "en", "4.5"), (5.0, "en", "5")]
)
def test_a_figure_is_written_as_the_reader_s_language_does(acting, jurisdiction, number, locale, said):
    with acting(jurisdiction), speaking(locale):
        assert times.figure(number) == said
