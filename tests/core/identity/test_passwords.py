"""Passwords that everybody tries are refused, on every way in; good ones are not."""

from __future__ import annotations

import pytest
from flask_security import hash_password, verify_password
from sqlalchemy import select

from core.database import db
from core.identity import jurisdictions
from core.identity.cli import make_user
from core.identity.models import Jurisdiction, User
from core.identity.passwords import fault_of
from tests import factories
from tests.core.identity.test_sign_in import PASSWORD, link_of, sign_in

EMAIL = "claire.martin@villeclaire.example"
BAD = [
    "a",
    "1111111111",
    EMAIL,
    "ClaireMartin",
    "Claire.Martin34",
    "villeclaire2026",
    "motdepasse1",
    "Azertyuiop1",
    "Mairie2026!",
    "demonstration",
    "bonjourbonjour",
    "x" * 257,
    "aaaaaaaaaaaaaaaaaaaaaaaaaaa" * 5,
]
GOOD = [
    PASSWORD,
    "un autre mot de passe",
    "tournevis canard brume",
    "zR7#qu-0vXl2pw",
    "pâtisserie lune gravier",
    "tournevis canard brume " * 5,
]


@pytest.mark.parametrize("password", BAD)
def test_what_is_guessed_first_is_refused(acting, jurisdiction, password):
    with acting(jurisdiction):
        assert fault_of(password, email=EMAIL, name="Claire Martin")


@pytest.mark.parametrize("password", GOOD)
def test_words_that_have_nothing_to_do_with_each_other_are_taken(acting, jurisdiction, password):
    with acting(jurisdiction):
        assert fault_of(password, email=EMAIL, name="Claire Martin") is None


def test_the_sentence_says_what_to_do(acting, jurisdiction):
    with acting(jurisdiction):
        alike = fault_of("Claire.Martin34", email=EMAIL, name="Claire Martin")
        assert "ressemble à votre nom" in alike and "trois ou quatre mots" in alike
        assert "trop facile à deviner" in fault_of("1111111111") and "trois ou quatre mots" in fault_of("1111111111")


@pytest.fixture
def agent(acting, jurisdiction) -> str:
    """The address of an agent who has a password."""
    with acting(jurisdiction):
        user = factories.user("agent")
        user.password = hash_password(PASSWORD)
        db.session.commit()
        return user.email


def test_they_are_refused_where_a_password_is_changed_and_where_one_is_reset(client, acting, jurisdiction, agent):
    client.post("/password/forgotten", data={"email": agent})
    bad = {"password": "villeclaire2026", "password_confirm": "villeclaire2026"}
    refused = client.post(link_of(acting, jurisdiction), data=bad)
    assert refused.status_code == 422 and "ressemble à votre nom" in refused.text
    sign_in(client, agent)
    new = {"new_password": "1111111111", "new_password_confirm": "1111111111"}
    refused = client.post("/password/change", data={"password": PASSWORD} | new)
    assert refused.status_code == 422 and "trop facile à deviner" in refused.text


def create(app, password: str, email: str = EMAIL):
    return app.test_cli_runner().invoke(
        args=["user", "create", email, "--role", "agent", "--name", "Claire Martin", "--password", password]
    )


@pytest.mark.parametrize("password", ["a", "ClaireMartin", "1111111111"])
def test_they_are_refused_on_the_command_line(app, acting, jurisdiction, password):
    refused = create(app, password)
    assert refused.exit_code == 1 and refused.output.startswith("Error: ") and "mot" in refused.output
    with acting(jurisdiction):
        assert db.session.scalar(select(User)) is None


def test_a_password_of_the_command_line_signs_in_accents_and_all(app, client, acting, jurisdiction):
    assert create(app, "pâtisserie lune gravier").exit_code == 0
    assert sign_in(client, EMAIL, "pâtisserie lune gravier").status_code == 302


def test_a_published_password_is_the_demonstration_s_alone(acting, jurisdiction):
    with acting():
        with pytest.raises(ValueError, match="beside a real"):
            make_user(
                jurisdiction, email=EMAIL, role="administrator", name="", password="demonstration", published=True
            )
        db.session.get(Jurisdiction, jurisdiction.id).demo = True
        db.session.commit()
        jurisdictions.drop_cache()
        made = make_user(
            jurisdiction, email=EMAIL, role="administrator", name="", password="demonstration", published=True
        )
        assert verify_password("demonstration", made.password)
