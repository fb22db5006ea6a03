"""An agent's day on a phone: signing in, the round, job after job; with a script, without, and by keys."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask_security import hash_password
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.database import db, utcnow
from core.identity.actor import Actor
from interventions.planning import verbs as planning_verbs
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder
from reporter.reports.models import Report
from tests import factories
from tests.look.measure import fits

PASSWORD = "trois mots sans rapport"
#: What a gloved finger needs, CSS pixels.
GLOVE = 60
BOTH = pytest.mark.parametrize("reader", ["phone", "phone-plain"], indirect=True)


@pytest.fixture
def agent(running, request):
    """The address of an agent of this test alone, whose password is PASSWORD."""
    address = f"agent-{abs(hash(request.node.nodeid))}@villeclaire.example"
    with running.acting():
        user = factories.user("agent", email=address, team=None)
        user.name, user.password = "Camille Roux", hash_password(PASSWORD)
        db.session.commit()
    return address


@pytest.fixture
def job(running, agent):
    """`job("title")` gives the agent a job that was planned some minutes ago; returns its number."""

    def make(title: str, category: str = "nid-de-poule", *, minutes: int = 5, **more) -> str:
        with running.acting():
            by = Actor("desk", factories.user("supervisor").id)
            report = factories.report(
                category=category,
                description=f"Vu par un habitant : {title}",
                **({"answers": {"profondeur": "forte"}} if category == "trou" else {}),
            )
            order = factories.work_order(report, title=title, **more)
            start = utcnow() - timedelta(minutes=minutes)
            planning_verbs.schedule(order, start=start, end=start + timedelta(minutes=45), agent=agent, by=by)
            db.session.commit()
            return order.number

    return make


@pytest.fixture
def state(running):
    """`state(number)` – (state of the work order, its minutes, state of its report)."""

    def look(number: str):
        with running.acting():
            order = db.session.scalar(select(WorkOrder).where(WorkOrder.number == number))
            report = db.session.scalar(select(Report).order_by(Report.id.desc()))
            return order.status, order.minutes, report.status

    return look


def photo(name: str = "fini.jpg") -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": factories.jpeg()}


def sign_in(reader, address: str) -> Page:
    page = reader.open("/field/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", name="Ma tournée")).to_be_visible()
    return page


@BOTH
def test_a_refused_sign_in_says_so_and_keeps_the_address(reader, agent):
    page = reader.open("/field/")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    reader.check()
    page.get_by_label("E-mail").fill(agent)
    page.get_by_label("Mot de passe").fill("pas celui-là")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator("#errors")).to_contain_text("L’adresse e-mail ou le mot de passe est incorrect.")
    expect(page.get_by_label("E-mail")).to_have_value(agent)
    expect(page.get_by_label("Mot de passe")).to_have_value("")
    reader.check()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(re.compile(r"/field/$"))
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_url(re.compile(r"/login"))
    reader.open("/field/")
    expect(page).to_have_url(re.compile(r"/login\?next="))


@BOTH
def test_a_day_from_the_first_job_to_the_last(reader, agent, job, state):
    first = job("Reboucher le trou", "trou", minutes=9)
    second = job("Changer l’ampoule", "lampadaire", minutes=5)
    page = sign_in(reader, agent)
    expect(page.locator("strong", has_text="0 faite sur 2")).to_be_visible()
    expect(page.locator(".job-next")).to_contain_text("Reboucher le trou")
    expect(page.locator(".job-next")).to_contain_text("Vu par un habitant : Reboucher le trou")
    expect(page.locator(".job-next .state-danger")).to_be_visible()
    reader.check()
    page.get_by_role("button", name="Commencer").click()
    expect(page).to_have_url(re.compile(f"/field/jobs/{first}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Reboucher le trou")
    expect(page.get_by_text("Forte")).to_be_visible()
    reader.check()

    page.get_by_role("link", name="Mettre en pause").click()
    page.locator(".choice", has_text="Un véhicule gêne").click()
    reader.check()
    page.get_by_role("button", name="Mettre en pause").click()
    expect(page.get_by_role("status").first).to_contain_text("En pause")
    assert state(first)[0] == "on_hold"
    page.get_by_role("link", name="Reboucher le trou", exact=True).click()
    page.get_by_role("button", name="Reprendre").click()
    page.get_by_role("link", name="C’est terminé").click()
    expect(page.get_by_label("Temps passé, en minutes")).to_have_value("5")
    if not reader.plain:
        page.get_by_role("button", name="15 minutes de plus").click()
        expect(page.get_by_label("Temps passé, en minutes")).to_have_value("20")
    page.get_by_label("Temps passé, en minutes").fill("25")
    page.get_by_label("Commentaire sur les travaux").fill("Deux sacs d’enrobé")
    reader.check()
    fits(page, GLOVE)
    page.get_by_role("button", name="C’est terminé").click()
    expect(page).to_have_url(re.compile(r"/field/$"))
    expect(page.get_by_role("status").first).to_contain_text("Reboucher le trou. Il en reste 1.")
    expect(page.locator("strong", has_text="1 faite sur 2")).to_be_visible()
    assert state(first)[:2] == ("done", 25)

    expect(page.locator(".job-next")).to_contain_text("Une photo du travail fini est demandée.")
    page.get_by_role("button", name="Commencer").click()
    page.get_by_role("link", name="C’est terminé").click()
    page.get_by_label("Commentaire sur les travaux").fill("Ampoule changée")
    page.get_by_role("button", name="C’est terminé").click()
    expect(page.locator("#errors")).to_contain_text("photo")
    expect(page.get_by_label("Commentaire sur les travaux")).to_have_value("Ampoule changée")
    reader.check()
    page.get_by_label("Choisir des photos").set_input_files([photo("un.jpg"), photo("deux.jpg")])
    if not reader.plain:
        expect(page.locator("figcaption", has_text="Photo gardée.")).to_have_count(2)
        page.get_by_role("button", name="Retirer").first.click()
        page.get_by_label("Prendre une photo").set_input_files(photo("trois.jpg"))
        expect(page.locator("figcaption", has_text="Photo gardée.")).to_have_count(2)
        reader.check()
    page.get_by_role("button", name="C’est terminé").click()
    expect(page.get_by_role("heading", name="Tout est fait pour aujourd’hui.")).to_be_visible()
    reader.check()
    assert state(second)[0] == "done" and state(second)[2] == "resolved"
    page.get_by_text("2 faites aujourd’hui").click()
    page.get_by_role("link", name="Changer l’ampoule").click()
    expect(page.get_by_text("C’est fait. La régulation voit ce que vous avez envoyé.")).to_be_visible()
    expect(page.locator(".photos-large li")).to_have_count(2)


@BOTH
def test_what_cannot_be_done_goes_back(reader, agent, job, state):
    number = job("Redresser le panneau")
    page = sign_in(reader, agent)
    page.get_by_role("link", name="Redresser le panneau", exact=True).click()
    page.get_by_role("link", name="Impossible à faire").click()
    page.get_by_role("button", name="Renvoyer à la régulation").click()
    expect(page.locator("#errors")).to_contain_text("Raison")
    reader.check()
    page.locator(".choice", has_text="Lieu introuvable").click()
    page.get_by_label("Autre raison, ou précision").fill("Deux rues portent ce nom.")
    page.get_by_role("button", name="Renvoyer à la régulation").click()
    expect(page.get_by_role("status").first).to_contain_text("Renvoyée à la régulation")
    assert state(number)[0] == "ready"
    expect(page.get_by_role("heading", name="Rien n’est programmé pour vous aujourd’hui.")).to_be_visible()


def test_nothing_is_lost_where_there_is_no_network(reader, agent, job, state):
    number = job("Sous le pont")
    page = sign_in(reader, agent)
    page.get_by_role("button", name="Commencer").click()
    page.get_by_role("link", name="C’est terminé").click()
    page.context.set_offline(True)
    page.get_by_label("Prendre une photo").set_input_files(photo())
    expect(page.get_by_text("Elle partira avec le formulaire.").first).to_be_visible()
    page.get_by_label("Commentaire sur les travaux").fill("Fait dans le tunnel")
    page.get_by_role("button", name="C’est terminé").click()
    expect(page.get_by_role("alert")).to_contain_text("Pas de réseau")
    expect(page.get_by_label("Commentaire sur les travaux")).to_have_value("Fait dans le tunnel")
    reader.complaints.clear()
    reader.check()
    page.context.set_offline(False)
    page.get_by_role("button", name="C’est terminé").click()
    expect(page.get_by_role("heading", name="Tout est fait pour aujourd’hui.")).to_be_visible()
    assert state(number)[0] == "done"
    page.get_by_text("1 faite aujourd’hui").click()
    page.get_by_role("link", name="Sous le pont").click()
    expect(page.locator(".photos-large li")).to_have_count(1)


def test_a_double_tap_and_somebody_elses_change(reader, running, agent, job, state):
    number = job("Deux fois")
    page = sign_in(reader, agent)
    page.get_by_role("button", name="Commencer").dblclick()
    expect(page).to_have_url(re.compile(f"/field/jobs/{number}$"))
    assert state(number)[0] == "in_progress"
    page.get_by_role("link", name="C’est terminé").click()
    page.get_by_label("Commentaire sur les travaux").fill("Presque")
    with running.acting():
        by = Actor("desk", factories.user("supervisor").id)
        work_order_verbs.change_work_order(
            work_order_verbs.lock_work_order(number), instructions="Attention au gaz", by=by
        )
        db.session.commit()
    page.get_by_role("button", name="C’est terminé").click()
    expect(page.get_by_role("alert")).to_contain_text("Consignes modifiées")
    expect(page.get_by_label("Commentaire sur les travaux")).to_have_value("Presque")
    reader.check()
    page.get_by_role("button", name="C’est terminé").click()
    expect(page).to_have_url(re.compile(r"/field/$"))
    assert state(number)[0] == "done"


def _press_until(page: Page, words: str, most: int = 60) -> None:
    """Press Tab until what has the focus is called `words`."""
    for _press in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate("""() => { const e = document.activeElement;
            const named = e.closest('[aria-label]') || e.querySelector('[aria-label]');
            return [named?.getAttribute('aria-label'), e.innerText, e.labels?.[0]?.innerText].join(' ') }""")
        if words in said:
            ring = page.evaluate("""() => { const e = document.activeElement;
                const seen = e.closest('.choice') ? e.nextElementSibling : e.closest('.pick') || e;
                return [getComputedStyle(seen), getComputedStyle(seen, '::after')].some(
                    (s) => s.outlineStyle === 'solid' && s.outlineWidth === '3px') }""")
            assert ring, f"the focus on {words} is not seen"
            return
    raise AssertionError(f"{words} is not reached by Tab")


def _enter(page: Page) -> None:
    """Press Enter where it leads to another page, and wait for that."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_day_by_the_keyboard_alone(reader, agent, job, state):
    number = job("Au clavier", "lampadaire")
    page = reader.open("/field/")
    _press_until(page, "E-mail")
    page.keyboard.type(agent)
    _press_until(page, "Mot de passe")
    page.keyboard.type(PASSWORD)
    _press_until(page, "Rester connecté")
    page.keyboard.press("Space")
    _press_until(page, "Se connecter")
    _enter(page)
    expect(page.get_by_role("heading", name="Ma tournée")).to_be_visible()
    _press_until(page, "Au clavier")
    _enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Au clavier")
    _press_until(page, "Commencer")
    _enter(page)
    expect(page.get_by_role("link", name="C’est terminé")).to_be_visible()
    _press_until(page, "Mettre en pause")
    _enter(page)
    _press_until(page, "Il manque du matériel")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Il faut une autre équipe")).to_be_checked()
    _press_until(page, "Mettre en pause")
    _enter(page)
    expect(page.get_by_role("status").first).to_contain_text("En pause")
    _press_until(page, "Reprendre")
    _enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Au clavier")
    _press_until(page, "C’est terminé")
    _enter(page)
    _press_until(page, "Choisir des photos")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(photo())
    expect(page.locator("figcaption", has_text="Photo gardée.")).to_have_count(1)
    _press_until(page, "30 minutes de plus")
    page.keyboard.press("Space")
    _press_until(page, "C’est terminé")
    _enter(page)
    expect(page.get_by_role("heading", name="Tout est fait pour aujourd’hui.")).to_be_visible()
    assert state(number)[0] == "done" and state(number)[1] >= 30


@pytest.mark.parametrize("reader", ["phone", "desk"], indirect=True)
def test_a_job_in_each_state_is_open_to_all(reader, running, agent, job):
    """Everything that a state shows, measured on a phone's and on a desk's screen."""
    made = {
        name: job(name, instructions="Baliser avant d’ouvrir.")
        for name in ("scheduled", "in_progress", "on_hold", "ready", "done", "verified", "cancelled")
    }
    with running.acting():
        boss = Actor("desk", factories.user("supervisor").id)
        me = Actor("field", factories.user("agent", email=agent, team=None).id)
        for name in ("in_progress", "on_hold", "done", "verified"):
            execution.start(work_order_verbs.lock_work_order(made[name]), by=me)
        execution.hold(work_order_verbs.lock_work_order(made["on_hold"]), reason="Pluie", by=me)
        for name in ("done", "verified"):
            execution.finish(work_order_verbs.lock_work_order(made[name]), comment="Fait", minutes=20, by=me)
        execution.verify(work_order_verbs.lock_work_order(made["verified"]), by=boss)
        execution.refuse(work_order_verbs.lock_work_order(made["ready"]), reason="Pas d’accès", by=me)
        execution.cancel(work_order_verbs.lock_work_order(made["cancelled"]), reason="Doublon", by=boss)
        db.session.commit()
    page = sign_in(reader, agent)
    page.get_by_text("2 faites aujourd’hui").click()
    page.get_by_text("Les jours suivants").click()
    reader.check()
    fits(page, GLOVE)
    for name, number in made.items():
        reader.open(f"/field/jobs/{number}")
        expect(page.locator(f".pill.state-{name}").first).to_be_visible()
        reader.check()
        fits(page, GLOVE)
        buttons = 0 if name in ("done", "verified", "cancelled") else 1
        assert page.locator(".btn-primary").count() == buttons, name


@pytest.mark.parametrize("reader", ["phone", "desk"], indirect=True)
def test_the_pages_of_passwords_are_open_to_all(reader, agent):
    reader.open("/password/forgotten")
    reader.check()
    reader.page.get_by_label("E-mail").fill(agent)
    reader.page.get_by_role("button", name="Envoyez-moi le lien").click()
    expect(reader.page.get_by_role("status").first).to_contain_text("un message avec un lien vient de partir")
    reader.check()
    page = sign_in(reader, agent)
    page.get_by_role("link", name="Mot de passe").click()
    reader.check()
    page.get_by_label("Mot de passe actuel").fill("pas celui-là")
    page.get_by_label("Nouveau mot de passe", exact=True).fill("un autre mot de passe")
    page.get_by_label("Confirmer le nouveau mot de passe").fill("un autre mot de passe")
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    expect(page.locator("#errors")).to_contain_text("Ce n’est pas votre mot de passe actuel.")
    reader.check()
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe", exact=True).fill("un autre mot de passe")
    page.get_by_label("Confirmer le nouveau mot de passe").fill("un autre mot de passe")
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    expect(page.get_by_role("status").first).to_contain_text("Votre nouveau mot de passe est enregistré.")


def test_who_has_no_right_here_can_sign_out(reader, running, agent):
    from sqlalchemy import delete

    from core.identity.models import Membership

    page = sign_in(reader, agent)
    with running.acting():
        known = factories.user("agent", email=agent, team=None).id
        db.session.execute(delete(Membership).where(Membership.user_id == known))
        db.session.commit()
    reader.open("/field/")
    expect(page.get_by_text("Connecté : Camille Roux")).to_be_visible()
    reader.check()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_url(re.compile(r"/login"))
