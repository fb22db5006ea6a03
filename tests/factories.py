"""What tests are made of. Every function needs an application context; those of a jurisdiction, the jurisdiction
acting."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

from geoalchemy2.shape import from_shape
from PIL import Image
from shapely.geometry import MultiPolygon, box
from sqlalchemy import select

from core.database import db
from core.database.scope import current_jurisdiction
from core.geo import Place
from core.identity import jurisdictions, sessions
from core.identity.actor import Actor
from core.identity.contacts import parse_contact_details
from core.identity.jurisdictions import JurisdictionCopy
from core.identity.models import Jurisdiction, Membership, Sector, User
from core.identity.token_secrets import new_token

CENTRE = Place(3.877, 43.611)
HALF = 0.03


def jurisdiction(
    slug: str = "villeclaire", *, centre: Place = CENTRE, host: str | None = None, prefix: str = "VC"
) -> JurisdictionCopy:
    """A jurisdiction with four sectors, six categories in two groups, two teams. Committed into the test's
    transaction."""
    west, south = centre.lon - HALF, centre.lat - HALF
    area = MultiPolygon([box(west, south, centre.lon + HALF, centre.lat + HALF)])
    made = Jurisdiction(
        slug=slug,
        names={"fr": slug.capitalize(), "en": slug.capitalize()},
        host=host,
        prefix=prefix,
        boundary=from_shape(area, srid=4326),
        desk={"phone": "04 67 00 00 00"},
    )
    db.session.add(made)
    db.session.flush()
    for number, (dx, dy) in enumerate([(0, 0), (HALF, 0), (0, HALF), (HALF, HALF)], 1):
        quarter = MultiPolygon([box(west + dx, south + dy, west + dx + HALF, south + dy + HALF)])
        db.session.add(
            Sector(
                jurisdiction_id=made.id,
                code=f"s{number}",
                names={"fr": f"Quartier {number}"},
                boundary=from_shape(quarter, srid=4326),
            )
        )
    db.session.flush()
    _categories(made.id)
    db.session.commit()
    jurisdictions.drop_cache()
    found = jurisdictions.by_slug(slug)
    assert found is not None
    return found


def _categories(jurisdiction_id: int) -> None:
    from interventions.teams.models import Team
    from interventions.triage.models import Route
    from reporter.categories.models import Category, CategoryGroup

    team_of = {}
    for code, name in (("voirie", "Voirie"), ("proprete", "Propreté")):
        group = CategoryGroup(jurisdiction_id=jurisdiction_id, code=code, names={"fr": name, "en": name})
        team = Team(jurisdiction_id=jurisdiction_id, code=code, names={"fr": f"Équipe {name}", "en": name})
        db.session.add_all([group, team])
        db.session.flush()
        team_of[code] = (group, team)
    questions = [
        {
            "code": "profondeur",
            "label": {"fr": "Profondeur", "en": "Depth"},
            "type": "singlevaluelist",
            "required": True,
            "choices": [
                {"key": "faible", "name": {"fr": "Faible", "en": "Low"}},
                {"key": "forte", "name": {"fr": "Forte", "en": "High"}},
            ],
        }
    ]
    for code, group, more in (
        ("nid-de-poule", "voirie", {"delay_hours": 72, "icon": "construction"}),
        ("trou", "voirie", {"questions": questions, "priority": 2}),
        ("lampadaire", "voirie", {"photo_to_finish": True}),
        ("controle", "voirie", {"verified": True}),
        ("depot", "proprete", {}),
        ("personne", "proprete", {"private": True}),
    ):
        category = Category(
            jurisdiction_id=jurisdiction_id,
            code=code,
            group_id=team_of[group][0].id,
            names={"fr": code.capitalize(), "en": code.capitalize()},
            **more,
        )
        db.session.add(category)
        db.session.flush()
        db.session.add(Route(jurisdiction_id=jurisdiction_id, category_id=category.id, team_id=team_of[group][1].id))
    db.session.flush()


def user(role: str, *, email: str | None = None, team: str | None = "voirie") -> User:
    """A colleague of the acting jurisdiction with that role (the same one again when asked twice); agents join
    `team`."""
    from interventions.teams.models import Team, TeamMember

    address = email or f"{role}@{current_jurisdiction().slug}.example"
    found = db.session.scalar(select(User).where(User.email == address))
    if found is None:
        found = User(
            email=address, name=f"{role} {current_jurisdiction().slug}", active=True, fs_uniquifier=uuid4().hex
        )
        db.session.add(found)
        db.session.flush()
        db.session.add(Membership(user_id=found.id, jurisdiction_id=current_jurisdiction().id, role=role))
        if role == "agent" and team:
            crew = db.session.scalar(select(Team).where(Team.code == team))
            db.session.add(TeamMember(jurisdiction_id=current_jurisdiction().id, team_id=crew.id, user_id=found.id))
        db.session.commit()
    return found


def session_of(who: User) -> str:
    """The key of a new session of a colleague: what a browser's cookie carries once they have signed in."""
    key = sessions.start_session(who)
    db.session.commit()
    return key


def token(role: str) -> str:
    """An API token of a colleague with that role."""
    membership = db.session.scalar(
        select(Membership).where(
            Membership.user_id == user(role).id, Membership.jurisdiction_id == current_jurisdiction().id
        )
    )
    made = new_token(membership)
    db.session.commit()
    return made


def report(
    *,
    category: str = "nid-de-poule",
    place: Place = CENTRE,
    description: str = "Un trou devant l’école",
    email: str | None = "habitant@example.org",
    phone: str = "",
    locale: str = "fr",
    **more: Any,
):
    """A report taken in by the one verb there is."""
    from reporter.reports.intake import submit

    made = submit(
        by=Actor("web"),
        category=category,
        place=place,
        description=description,
        address=more.pop("address", "12 rue des Tilleuls"),
        contact=parse_contact_details(email=email, phone=phone, locale=locale) if email or phone else None,
        **more,
    )
    db.session.commit()
    return made


def work_order(*reports, **more: Any):
    """A work order for reports, made by a supervisor."""
    from interventions.work_orders import verbs as work_order_verbs

    by = Actor("desk", user("supervisor").id)
    made = work_order_verbs.create_work_order(reports=list(reports), by=by, **({"title": "Reboucher"} | more))
    db.session.commit()
    return made


def jpeg(width: int = 640, height: int = 480, *, exif: Image.Exif | None = None) -> bytes:
    """A small photo, as JPEG."""
    out = io.BytesIO()
    Image.effect_mandelbrot((width, height), (-2, -1.5, 1, 1.5), 20).convert("RGB").save(
        out, "JPEG", **({"exif": exif} if exif else {})
    )
    return out.getvalue()
