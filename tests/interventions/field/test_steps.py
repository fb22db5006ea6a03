"""What an agent does to a job, by the forms of the field: states, refusals, second taps, other people."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.database import db, utcnow
from core.identity.actor import Actor
from core.photos.models import Photo
from interventions.field import queries as field_queries
from interventions.planning import verbs as planning_verbs
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder, WorkOrderEvent, WorkOrderPhoto
from reporter.reports.models import Report
from tests import factories


@pytest.fixture
def job(acting, jurisdiction):
    """`job()` makes a scheduled job of the agent's team for one report; returns its number."""

    def make(category: str = "nid-de-poule", **more) -> str:
        with acting(jurisdiction):
            by = Actor("desk", factories.user("supervisor").id)
            order = factories.work_order(factories.report(category=category), **more)
            planning_verbs.schedule(order, start=utcnow() - timedelta(hours=1), team="voirie", by=by)
            db.session.commit()
            return order.number

    return make


@pytest.fixture
def agent(signed_in):
    """The agent's phone."""
    return signed_in("agent")


@pytest.fixture
def state(acting, jurisdiction):
    """`state(number)` – (state of the work order, state of its report)."""

    def look(number: str) -> tuple[str, str]:
        with acting(jurisdiction):
            return (
                db.session.scalar(select(WorkOrder.status).where(WorkOrder.number == number)),
                db.session.scalar(select(Report.status)),
            )

    return look


def form_of(page: str, number: str, verb: str) -> dict[str, str]:
    """The hidden fields of the form of a verb, as a browser would send them."""
    form = re.search(rf'<form[^>]*action="/field/jobs/{number}/{verb}".*?</form>', page, re.S)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def send(browser, number: str, verb: str, **fields):
    """Open the page that holds the form of a verb and send it, as somebody would."""
    page = f"/field/jobs/{number}" + ("" if verb in ("start", "resume") else f"/{verb}")
    known = form_of(browser.get(page).text, number, verb)
    return browser.post(f"/field/jobs/{number}/{verb}", data=known | fields)


def photo(name: str = "fini.jpg", data: bytes | None = None):
    return io.BytesIO(data or factories.jpeg()), name


def test_a_job_is_begun_paused_taken_up_and_finished(job, agent, state, acting, jurisdiction):
    number = job()
    assert send(agent, number, "start").location == f"/field/jobs/{number}"
    assert state(number) == ("in_progress", "in_progress")
    assert send(agent, number, "hold", why="weather", reason="Orage").location == "/field/"
    assert state(number) == ("on_hold", "in_progress")
    assert "En pause" in agent.get("/field/").text
    assert send(agent, number, "resume").location == f"/field/jobs/{number}"
    answer = send(agent, number, "finish", minutes="35", comment="Enrobé à froid", photos=photo())
    assert answer.location == "/field/"
    assert state(number) == ("done", "resolved")
    page = agent.get(f"/field/jobs/{number}").text
    said = page.replace("\u00a0", " ")
    for words in ("La météo ne le permet pas : Orage", "Terminée : 35 min de travail", "Enrobé à froid"):
        assert words in said, words
    with acting(jurisdiction):
        assert db.session.scalar(select(func.count()).select_from(WorkOrderPhoto)) == 1
        doors = db.session.scalars(select(WorkOrderEvent.channel).where(WorkOrderEvent.kind == "finished")).all()
        assert doors == ["field"]


def test_what_cannot_be_done_goes_back_with_its_reason(job, agent, state):
    number = job()
    answer = send(agent, number, "refuse", why="closed")
    assert (answer.status_code, answer.location) == (303, "/field/")
    assert state(number)[0] == "ready"
    page = agent.get(f"/field/jobs/{number}").text
    assert "Impossible à faire" in page and "Pas d’accès" in page


@pytest.mark.parametrize("verb", ["hold", "refuse"])
def test_a_reason_is_asked_for(job, agent, state, verb):
    number = job()
    send(agent, number, "start")
    answer = send(agent, number, verb, reason="   ")
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text and 'id="reason-error"' in answer.text
    assert state(number)[0] == "in_progress"
    assert send(agent, number, verb, reason="Une raison à moi").status_code == 303


def test_a_photo_is_asked_for_before_and_a_refused_form_keeps_everything(job, agent, state):
    number = job("lampadaire")
    assert "Une photo du travail fini est demandée" in agent.get(f"/field/jobs/{number}").text
    send(agent, number, "start")
    answer = send(agent, number, "finish", minutes="beaucoup", comment="Ampoule <changée>", why="")
    assert answer.status_code == 422
    assert 'id="photos-error"' in answer.text and 'id="minutes-error"' in answer.text
    assert 'value="beaucoup"' in answer.text and "Ampoule &lt;changée&gt;" in answer.text
    again = form_of(answer.text, number, "finish")
    answer = agent.post(
        f"/field/jobs/{number}/finish", data=again | {"minutes": "beaucoup", "comment": "Ampoule", "photos": photo()}
    )
    assert answer.status_code == 422 and 'id="photos-error"' not in answer.text
    kept = form_of(answer.text, number, "finish")
    assert "photo" in kept
    answer = agent.post(f"/field/jobs/{number}/finish", data=kept | {"minutes": "20", "comment": "Ampoule"})
    assert answer.status_code == 303
    assert state(number)[0] == "done"


def test_what_is_not_a_photo_is_said_and_the_good_one_kept(job, agent, acting, jurisdiction):
    number = job()
    send(agent, number, "start")
    known = form_of(agent.get(f"/field/jobs/{number}/finish").text, number, "finish")
    files = [photo("bon.jpg"), photo("faux.jpg", b"ceci n'est pas une image")]
    answer = agent.post(f"/field/jobs/{number}/finish", data=known | {"photos": files})
    assert answer.status_code == 422
    assert "faux.jpg" in answer.text
    kept = form_of(answer.text, number, "finish")
    assert agent.post(f"/field/jobs/{number}/finish", data=kept).status_code == 303
    with acting(jurisdiction):
        assert db.session.scalar(select(func.count()).select_from(WorkOrderPhoto)) == 1


def test_a_kept_photo_can_be_taken_out_without_a_script(job, agent, acting, jurisdiction):
    number = job()
    send(agent, number, "start")
    address = f"/field/jobs/{number}/finish"
    page = agent.post(address, data={"photos": photo(), "look": "1", "comment": "déjà dit"})
    assert page.status_code == 200 and "déjà dit" in page.text
    kept = form_of(page.text, number, "finish")
    page = agent.post(f"/field/jobs/{number}/finish", data=kept | {"drop": kept["photo"]})
    assert page.status_code == 200
    assert "photo" not in form_of(page.text, number, "finish")
    with acting(jurisdiction):
        assert db.session.scalar(select(func.count()).select_from(WorkOrderPhoto)) == 0


def test_a_photo_may_go_ahead_of_its_form(job, agent, acting, jurisdiction):
    number = job("lampadaire")
    send(agent, number, "start")
    answer = agent.post("/field/photos", data={"photos": photo()})
    assert answer.status_code == 201
    assert send(agent, number, "finish", photo=answer.json["token"]).status_code == 303
    with acting(jurisdiction):
        shown = db.session.scalar(select(Photo).join(WorkOrderPhoto, WorkOrderPhoto.photo_id == Photo.id))
        assert str(shown.token) == answer.json["token"]
    refused = agent.post("/field/photos", data={"photos": photo("x.jpg", b"rien")})
    assert refused.status_code == 422 and refused.json["detail"]
    assert agent.post("/field/photos").status_code == 422


def test_a_second_tap_changes_nothing_and_says_nothing(job, agent, acting, jurisdiction, state):
    number = job()
    known = form_of(agent.get(f"/field/jobs/{number}").text, number, "start")
    for _tap in range(2):
        assert agent.post(f"/field/jobs/{number}/start", data=known).status_code == 303
    known = form_of(agent.get(f"/field/jobs/{number}/finish").text, number, "finish")
    for _tap in range(2):
        answer = agent.post(f"/field/jobs/{number}/finish", data=known | {"minutes": "10", "photos": photo()})
        assert answer.status_code == 303
    with acting(jurisdiction):
        kinds = db.session.scalars(select(WorkOrderEvent.kind).order_by(WorkOrderEvent.id)).all()
        assert kinds.count("started") == kinds.count("finished") == 1
        assert db.session.scalar(select(func.count()).select_from(WorkOrderPhoto)) == 1


def test_the_second_of_two_people_is_told_and_keeps_what_was_typed(job, agent, acting, jurisdiction, state):
    number = job()
    send(agent, number, "start")
    known = form_of(agent.get(f"/field/jobs/{number}/finish").text, number, "finish")
    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        work_order_verbs.change_work_order(
            work_order_verbs.lock_work_order(number), instructions="Attention au gaz", by=by
        )
        db.session.commit()
    answer = agent.post(f"/field/jobs/{number}/finish", data=known | {"comment": "Rebouché", "minutes": "15"})
    assert answer.status_code == 412
    assert "Consignes modifiées" in answer.text and "supervisor villeclaire" in answer.text
    assert "Rebouché" in answer.text and 'value="15"' in answer.text
    assert state(number)[0] == "in_progress"
    known = form_of(answer.text, number, "finish")
    assert agent.post(f"/field/jobs/{number}/finish", data=known | {"comment": "Rebouché"}).status_code == 303


def test_work_cancelled_in_the_meantime_is_not_begun(job, agent, acting, jurisdiction, state):
    number = job()
    known = form_of(agent.get(f"/field/jobs/{number}").text, number, "start")
    with acting(jurisdiction):
        execution.cancel(
            work_order_verbs.lock_work_order(number),
            reason="Doublon",
            by=Actor("desk", factories.user("supervisor").id),
        )
        db.session.commit()
    answer = agent.post(f"/field/jobs/{number}/start", data=known)
    assert answer.status_code == 412
    assert "Doublon" in answer.text and "C’est annulé" in answer.text
    answer = agent.post(f"/field/jobs/{number}/start", data=known | {"version": ""})
    assert answer.status_code == 409
    assert state(number)[0] == "cancelled"
    assert agent.get(f"/field/jobs/{number}/finish").location == f"/field/jobs/{number}"
    assert "btn-primary" not in agent.get(f"/field/jobs/{number}").text


def test_somebody_elses_job_is_refused_and_a_supervisor_may_do_all(acting, jurisdiction, signed_in, state):
    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        order = factories.work_order(factories.report())
        planning_verbs.schedule(order, start=utcnow(), team="proprete", by=by)
        db.session.commit()
        number = order.number
    agent = signed_in("agent")
    for path in ("", "/finish"):
        assert agent.get(f"/field/jobs/{number}{path}").status_code == 403
    assert agent.post(f"/field/jobs/{number}/start").status_code == 403
    assert state(number)[0] == "scheduled"
    assert send(signed_in("supervisor"), number, "start").status_code == 303
    assert agent.get("/field/jobs/2026-9999").status_code == 404
    assert agent.post("/field/jobs/2026-9999/start").status_code == 404


def test_another_towns_job_does_not_exist(app, acting, jurisdiction, job):
    number, address = job(), "http://ailleurs.localhost"
    with acting():
        far = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    there = app.test_client()
    with acting(far), there.session_transaction(base_url=address) as session:
        session["_user_id"] = factories.session_of(factories.user("agent"))
    assert there.get("/field/", base_url=address).status_code == 200
    for path in (f"/field/jobs/{number}", f"/field/jobs/{number}/finish"):
        assert there.get(path, base_url=address).status_code == 404
    assert there.post(f"/field/jobs/{number}/start", base_url=address).status_code == 404


def test_a_form_older_than_its_session_comes_back_whole(app, monkeypatch, job, agent, state):
    number = job()
    send(agent, number, "start")
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    typed = {"comment": "Fait dans le tunnel", "minutes": "25"}
    answer = agent.post(f"/field/jobs/{number}/finish", data=typed)
    assert answer.status_code == 400
    assert "Fait dans le tunnel" in answer.text and 'value="25"' in answer.text
    assert state(number)[0] == "in_progress"
    known = form_of(answer.text, number, "finish")
    assert agent.post(f"/field/jobs/{number}/finish", data=known | {"comment": "Fait"}).status_code == 303
    assert agent.post("/field/photos", data={"photos": photo()}).status_code == 400


@pytest.mark.parametrize(
    "hostile",
    [
        {"version": "-1"},
        {"version": "9" * 50},
        {"idempotency_key": "\x00\u202e" * 300},
        {"minutes": "٣"},
        {"minutes": "1e9"},
        {"photo": "pas-un-jeton"},
        {"comment": "x" * 100_000},
        {"comment": "\x00\ud83d"},
        {"why": "inconnue", "comment": "🚧 مرحبا"},
    ],
)
def test_hostile_fields_get_an_answer(job, agent, hostile):
    number = job()
    send(agent, number, "start")
    data = {name: value.encode("utf-8", "surrogatepass") for name, value in hostile.items()}
    answer = agent.post(f"/field/jobs/{number}/finish", data=data)
    assert answer.status_code in (303, 412, 422), answer.text[:500]


def test_the_time_spent_is_counted_without_the_pauses(job, acting, jurisdiction):
    number = job()
    with acting(jurisdiction):
        me = factories.user("agent").id
        begun = utcnow() - timedelta(hours=2)
        order = work_order_verbs.lock_work_order(number)
        execution.start(order, by=Actor("field", me, begun))
        execution.hold(order, reason="Repas", by=Actor("field", me, begun + timedelta(minutes=30)))
        execution.resume(order, by=Actor("field", me, begun + timedelta(minutes=90)))
        db.session.commit()
        assert field_queries.job_detail(number).spent == 60


def test_a_jobs_page_asks_the_database_few_questions(job, agent, statements):
    number = job()
    statements.clear()
    agent.get(f"/field/jobs/{number}")
    assert len(statements) <= 8, "\n".join(statements)
