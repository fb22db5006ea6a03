"""The plan of six months: the same every time, in the past, in working hours, with every state in it."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from demo import content, geometry
from demo.clock import Clock
from demo.plan import make_plan
from demo.writing import AGENT
from interventions.work_orders.statuses import DRAFT
from interventions.work_orders.statuses import STATUSES as ORDER_STATUSES
from reporter.statuses import OPEN, TRANSFERRED, WAITING
from reporter.statuses import STATUSES as REPORT_STATUSES

PARIS = ZoneInfo("Europe/Paris")
# Before work, in the middle of it, a Sunday night, a holiday's evening, just after a change of the clocks.
MOMENTS = ["2026-03-05T07:15", "2026-03-05T11:00", "2026-06-14T03:00", "2026-12-25T21:40", "2026-03-30T08:05"]


@pytest.fixture(scope="module", params=MOMENTS)
def plan(request):
    return make_plan(datetime.fromisoformat(request.param).replace(tzinfo=PARIS))


@pytest.fixture(scope="module")
def morning():
    return make_plan(datetime(2026, 3, 5, 7, 15, tzinfo=PARIS))


def open_reports(plan):
    return [life for life in plan.reports if life.status in OPEN]


def test_some_four_hundred_reports_in_every_state(plan):
    assert abs(len(plan.reports) - 400) <= 20
    # What no person can reach yet: a question to the author, another body.
    assert {life.status for life in plan.reports} == set(REPORT_STATUSES) - {WAITING, TRANSFERRED}
    assert {order.status for order in plan.orders} == set(ORDER_STATUSES) - {DRAFT}


def test_texts_and_categories(plan):
    assert len({life.text for life in plan.reports}) >= 150
    assert {life.category for life in plan.reports} == set(content.load().categories)
    assert any(life.author and life.author.locale == "en" for life in plan.reports)
    assert any(life.author is None for life in plan.reports)
    assert {life.channel for life in plan.reports} == {"web", "api", "phone", "field"}
    assert sum(bool(life.photos) for life in plan.reports) > len(plan.reports) / 2


def test_all_of_it_lies_in_the_last_six_months(plan):
    assert all(step.at <= plan.now for step in plan.steps)
    assert all(step.at >= plan.now - timedelta(days=185) for step in plan.steps)
    assert min(step.at for step in plan.steps) < plan.now - timedelta(days=140)


def test_staff_work_in_working_hours(plan):
    clock = Clock(plan.now)
    assert [step for step in plan.steps if step.who and not clock.works(step.at)] == []


def test_steps_come_in_order_and_reports_before_what_happens_to_them(plan):
    assert list(plan.steps) == sorted(plan.steps, key=lambda step: step.at)
    known, made = set(), set()
    for step in plan.steps:
        if step.verb == "submit":
            known.add(step.report)
        elif step.verb == "make":
            assert set(plan.orders[step.order].reports) <= known
            made.add(step.order)
        elif step.report is not None:
            assert step.report in known, step
            assert step.data.get("into", step.report) in known, step
        else:
            assert step.order in made, step
    assert len(known) == len(plan.reports) and len(made) == len(plan.orders)


def test_the_same_every_time():
    now = datetime(2026, 3, 5, 7, 15, tzinfo=PARIS)
    assert make_plan(now) == make_plan(now)
    assert make_plan(now).reports != make_plan(now, "another").reports


def test_what_is_reported_does_not_depend_on_the_day():
    def told(plan):
        return [
            (life.category, life.street, life.number, life.story) for life in plan.reports if life.status != "merged"
        ]

    first, second = (make_plan(datetime.fromisoformat(day).replace(tzinfo=PARIS)) for day in MOMENTS[:2])
    assert told(first) == told(second)


def test_addresses_exist_and_are_all_different(plan):
    streets = {street.name: street for street in geometry.build().streets}
    for life in plan.reports:
        assert 1 <= life.number <= streets[life.street].last_number
    twice = Counter((life.street, life.number) for life in plan.reports)
    assert sum(count > 1 for count in twice.values()) <= 3


def test_duplicates_are_next_door_and_of_one_kind(plan):
    merges = [step for step in plan.steps if step.verb == "merge"]
    assert len(merges) >= 20
    for step in merges:
        life, into = plan.reports[step.report], plan.reports[step.data["into"]]
        assert life.street == into.street and life.category == into.category
        assert into.status != "merged"
        assert into.received_at <= life.received_at <= step.at


def test_answers_fit_their_questions(plan):
    categories = content.load().categories
    for life in plan.reports:
        questions = {question["code"]: question for question in categories[life.category].questions}
        assert set(life.answers) <= set(questions)
        if life.story != "resolved_corrected":
            assert all(code in life.answers for code, one in questions.items() if one["required"]), life


def test_six_reports_in_one_street_are_answered_by_one_work_order(plan):
    order = next(order for order in plan.orders if len(order.reports) == 6)
    assert order.status == "done"
    assert len({plan.reports[key].street for key in order.reports}) == 1


def test_made_safe_first_then_repaired(plan):
    kinds = Counter()
    for order in plan.orders:
        for key in order.reports:
            kinds[key, order.kind] += 1
    safe = [key for key, kind in kinds if kind == "making_safe"]
    assert len(safe) >= 8
    assert all(kinds[key, "final"] == 1 for key in safe)


def test_finished_work_was_returned_and_reports_reopened(plan):
    verbs = Counter(step.verb for step in plan.steps)
    assert verbs["return"] >= 5 and verbs["refuse"] >= 4 and verbs["hold"] > verbs["resume"] >= 8
    with_reason = ("return", "refuse", "hold", "cancel")
    assert all(step.data["reason"] for step in plan.steps if step.verb in with_reason)


def test_photos_are_given_where_they_are_needed(plan):
    needed = {code for code, one in content.load().categories.items() if one.photo_to_finish}
    for step in plan.steps:
        if step.verb == "finish" and plan.orders[step.order].category in needed:
            assert step.data["photos"]


def test_the_agents_day_has_its_jobs_in_order(morning):
    today = [
        (step.data["start"], step.order)
        for step in morning.steps
        if step.verb == "schedule" and step.data["agent"] == AGENT and step.data["start"].date() == morning.now.date()
    ]
    assert 5 <= len(today) <= 7
    assert today == sorted(today)
    assert all(morning.orders[key].status == "scheduled" for _, key in today)


def test_at_eleven_some_of_the_agents_jobs_are_done():
    plan = make_plan(datetime(2026, 3, 5, 11, 0, tzinfo=PARIS))
    today = [
        plan.orders[step.order].status
        for step in plan.steps
        if step.verb == "schedule" and step.data["agent"] == AGENT and step.data["start"].date() == plan.now.date()
    ]
    assert Counter(today) == {"done": 2, "in_progress": 1, "scheduled": 3}


def test_the_desks_morning_has_something_in_each_number(plan):
    categories = content.load().categories
    waiting = open_reports(plan)
    late = [
        life for life in waiting if life.received_at + timedelta(hours=categories[life.category].delay_hours) < plan.now
    ]
    assert 5 <= len(late) <= 25
    assert 3 <= sum(categories[life.category].dangerous for life in waiting) <= 12
    assert 8 <= sum(life.received_at > plan.now - timedelta(hours=16) and life.status == "received" for life in waiting)
    assert sum(order.status == "done" and categories[order.category].verified for order in plan.orders) >= 4


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError):
        make_plan(datetime(2026, 3, 5, 7, 15))
