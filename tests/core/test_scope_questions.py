"""The wall stands before every question to the database, however it is put."""

import pytest
from sqlalchemy import exists, func, literal, select
from sqlalchemy.orm import aliased

from core.database import db
from core.database.scope import NoCurrentJurisdiction, current_jurisdiction
from core.identity.models import Contact, User
from tests import factories

SAME = aliased(Contact)
QUESTIONS = {
    "rows": select(Contact.email),
    "count": select(func.count()).select_from(Contact),
    "count of a column": select(func.count(Contact.id)),
    "alias": select(func.max(SAME.id)),
    "exists": select(literal(1)).where(exists().where(Contact.email == "marie@example.org")),
    "subquery": select(func.count()).select_from(select(Contact.id).limit(10).subquery()),
    "join": select(User.id).join(Contact, Contact.email == "marie@example.org"),
    "in": select(User.id).where(literal("marie@example.org").in_(select(Contact.email))),
    "scalar": select(User.id, select(Contact.email).limit(1).scalar_subquery()),
}


@pytest.fixture
def elsewhere(acting, jurisdiction):
    """Another jurisdiction; the contact Marie lives in the first one, with a colleague beside her."""
    with acting(jurisdiction):
        db.session.add(Contact(jurisdiction_id=current_jurisdiction().id, email="marie@example.org"))
        factories.user("supervisor")
        db.session.commit()
        return factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")


def seen(question) -> bool:
    """Whether the answer shows that there is a Marie."""
    row = db.session.execute(question).first()
    return row is not None and row[-1] not in (0, None)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_contact_is_seen_from_her_own_town_alone(question, acting, jurisdiction, elsewhere):
    with acting(jurisdiction):
        assert seen(question)
    with acting(elsewhere):
        assert not seen(question)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_without_a_town_nothing_scoped_is_answered(question, acting, elsewhere):
    with acting(), pytest.raises(NoCurrentJurisdiction):
        db.session.execute(question)
