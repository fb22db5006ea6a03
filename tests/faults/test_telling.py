"""Everybody is told, in order and once, whatever dies meanwhile: the small brother of `script/bench telling`."""

from __future__ import annotations

import pytest

from bench.telling.run import fault_run
from bench.telling.world import world


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Sixty reports live their whole lives while each thing that may go wrong does so once."""
    with world(tmp_path_factory.mktemp("telling")) as mistreated:
        done = fault_run(mistreated, 60, lasting=1.0, between=1.0)
        print(done.counts.examples, done.wrong, done.died, mistreated.running.log()[-4000:])
        yield done


def test_everybody_who_reported_or_follows_is_told_of_everything(outcome):
    assert outcome.counts.owed > 200
    assert outcome.counts.lost == 0 and outcome.counts.forgotten == 0 and outcome.counts.left == 0


def test_nobody_is_told_twice_but_where_nobody_could_know(outcome):
    assert outcome.counts.twice == 0 and outcome.counts.unasked == 0
    # The mail server broke off after it had accepted: that happens in every run.
    assert outcome.counts.explained > 0


def test_news_arrives_in_the_order_in_which_it_happened(outcome):
    assert outcome.counts.out_of_order == 0


def test_a_report_that_was_answered_with_201_is_there_once(outcome):
    assert outcome.counts.reports_lost == 0 and outcome.counts.reports_twice == 0


def test_every_request_is_answered_in_the_end_and_nothing_dies_by_itself(outcome):
    assert outcome.wrong == [] and outcome.died == []
    assert outcome.repeated > 0
