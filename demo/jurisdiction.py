"""The demonstration town itself: jurisdiction, sectors, categories, teams, and the people who work there."""

import secrets

from geoalchemy2.shape import from_shape

from core.database import db
from core.identity import jurisdictions
from core.identity.cli import make_user
from core.identity.jurisdictions import JurisdictionCopy
from core.identity.models import Body, Jurisdiction, Sector
from demo import content, geometry
from interventions.teams.models import Team, TeamMember
from interventions.triage.routing import add_routing_rule
from reporter.categories.models import Category, CategoryGroup

SLUG, PREFIX = "villeclaire", "VC"
PASSWORD = "demonstration"  # noqa: S105 - printed for whoever tries the demonstration
# A number that the French plan keeps for fiction.
DESK = {"address": "1 place du Marché, Villeclaire", "phone": "04 65 71 00 00", "email": "accueil@demo.example"}
HOURS = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
LAYERS = (("quartier", "quartiers"), ("proprete", "rounds"))


def create_demo_jurisdiction(layout: geometry.TownLayout) -> tuple[JurisdictionCopy, dict[str, int], str]:
    """Make the town of that map, with everything but reports; return it, user ids by e-mail address, the password.

    The password is the published one, unless a real jurisdiction is served here too: then it is one of chance.

    Flushes. Where another town is served already, this one answers at villeclaire.localhost.
    """
    jurisdictions.drop_cache()
    host = f"{SLUG}.localhost" if jurisdictions.all_jurisdictions() else None
    made = Jurisdiction(
        slug=SLUG,
        names={"fr": layout.name, "en": layout.name},
        host=host,
        prefix=PREFIX,
        demo=True,
        boundary=from_shape(layout.boundary, srid=4326),
        desk=dict(DESK),
        working_hours=dict(HOURS),
    )
    db.session.add(made)
    db.session.flush()
    for layer, areas in LAYERS:
        db.session.add_all(
            Sector(
                jurisdiction_id=made.id,
                layer=layer,
                code=area.code,
                names=dict(area.name),
                boundary=from_shape(area.shape, srid=4326),
            )
            for area in getattr(layout, areas)
        )
    texts = content.load()
    teams = _teams(made.id, texts)
    _categories(made.id, texts, teams, _bodies(made.id, texts))
    jurisdictions.drop_cache()
    jurisdiction = jurisdictions.by_slug(SLUG)
    assert jurisdiction is not None  # made above
    password = PASSWORD if all(one.demo for one in jurisdictions.all_jurisdictions()) else secrets.token_urlsafe(12)
    return jurisdiction, _people(jurisdiction, texts, teams, password), password


def _teams(jurisdiction_id: int, texts: content.Content) -> dict[str, Team]:
    teams = {
        team.code: Team(
            jurisdiction_id=jurisdiction_id, code=team.code, names=dict(team.name), contractor=team.contractor
        )
        for team in texts.teams
    }
    db.session.add_all(teams.values())
    db.session.flush()
    return teams


def _bodies(jurisdiction_id: int, texts: content.Content) -> dict[str, Body]:
    bodies = {
        one.code: Body(
            jurisdiction_id=jurisdiction_id,
            code=one.code,
            names=dict(one.name),
            address=one.address,
            phone=one.phone,
            email=one.email,
        )
        for one in texts.bodies
    }
    db.session.add_all(bodies.values())
    db.session.flush()
    return bodies


def _categories(jurisdiction_id: int, texts: content.Content, teams: dict[str, Team], bodies: dict[str, Body]) -> None:
    """Groups and categories in the order of their file, each category routed to its team."""
    groups = {
        group.code: CategoryGroup(
            jurisdiction_id=jurisdiction_id, code=group.code, names=dict(group.name), position=position
        )
        for position, group in enumerate(texts.groups)
    }
    db.session.add_all(groups.values())
    db.session.flush()
    for position, one in enumerate(texts.categories.values()):
        category = Category(
            jurisdiction_id=jurisdiction_id,
            code=one.code,
            group_id=groups[one.group].id,
            position=position,
            names=dict(one.name),
            descriptions=dict(one.description),
            icon=one.icon,
            questions=list(one.questions),
            keywords={language: ", ".join(words) for language, words in one.keywords.items()},
            private=one.private,
            priority=one.priority,
            delay_hours=one.delay_hours,
            photo_to_finish=one.photo_to_finish,
            verified=one.verified,
            silence=one.silence,
            silence_months=one.silence_months,
            body_id=bodies[one.body].id if one.body else None,
        )
        db.session.add(category)
        db.session.flush()
        if one.team:
            add_routing_rule(jurisdiction_id=jurisdiction_id, category_id=category.id, team_id=teams[one.team].id)


def _people(
    jurisdiction: JurisdictionCopy, texts: content.Content, teams: dict[str, Team], password: str
) -> dict[str, int]:
    known = {}
    for one in texts.colleagues:
        user = make_user(
            jurisdiction,
            email=one.email,
            role=one.role,
            name=one.name,
            password=password,
            published=password == PASSWORD,
        )
        known[one.email] = user.id
        if one.team:
            db.session.add(TeamMember(jurisdiction_id=jurisdiction.id, team_id=teams[one.team].id, user_id=user.id))
    db.session.flush()
    return known
