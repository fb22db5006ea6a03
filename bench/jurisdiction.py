"""A jurisdiction of many reports, made by the database itself: two years of them, with the shapes seen in real jurisdictions."""

from __future__ import annotations

from datetime import timedelta

from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, box
from sqlalchemy import text

from core import references
from core.database import db, utcnow
from core.database.scope import serving
from core.identity import jurisdictions
from core.identity.cli import make_user
from core.identity.jurisdictions import JurisdictionCopy
from core.identity.models import Jurisdiction, Sector
from interventions.teams.models import Team
from interventions.triage.models import Route
from reporter.categories.models import Category, CategoryGroup
from reporter.map import tile_counts

CENTRE = (43.611, 3.877)
HALF = 0.05
PASSWORD = "mesure-de-banc"
EMAIL = "superviseur@bench.example"
#: Median text length of 84 characters, as in Paris.
WORDS = (
    "trou",
    "trottoir",
    "lampadaire",
    "éteint",
    "depuis",
    "dangereux",
    "école",
    "poubelle",
    "débordante",
    "verre",
    "cassé",
    "banc",
    "arbre",
    "branche",
    "chaussée",
    "fuite",
    "eau",
    "graffiti",
    "mur",
    "abandonné",
    "voiture",
    "rue",
    "angle",
    "devant",
    "numéro",
    "passage",
    "piéton",
    "effacé",
    "panneau",
    "tordu",
    "odeur",
    "égout",
    "matelas",
    "cartons",
    "carrefour",
    "parc",
    "jeux",
    "enfants",
    "grille",
    "bruit",
)
RARE = "hortensia"


def make(reports: int) -> JurisdictionCopy:
    """A jurisdiction with sixteen sectors, forty categories, four teams, a supervisor and `reports` reports."""
    lat, lon = CENTRE
    made = Jurisdiction(
        slug="banc",
        names={"fr": "Banc", "en": "Bench"},
        prefix="BA",
        boundary=from_shape(MultiPolygon([box(lon - HALF, lat - HALF, lon + HALF, lat + HALF)]), 4326),
    )
    db.session.add(made)
    db.session.flush()
    step = HALF / 2
    for number in range(16):
        west, south = lon - HALF + (number % 4) * step, lat - HALF + (number // 4) * step
        db.session.add(
            Sector(
                jurisdiction_id=made.id,
                code=f"s{number}",
                names={"fr": f"Quartier {number}"},
                boundary=from_shape(MultiPolygon([box(west, south, west + step, south + step)]), 4326),
            )
        )
    teams = [Team(jurisdiction_id=made.id, code=f"e{n}", names={"fr": f"Équipe {n}"}) for n in range(4)]
    db.session.add_all(teams)
    for g in range(10):
        group = CategoryGroup(jurisdiction_id=made.id, code=f"g{g}", names={"fr": f"Groupe {g}"}, position=g)
        db.session.add(group)
        db.session.flush()
        for c in range(4):
            category = Category(
                jurisdiction_id=made.id,
                code=f"c{g}{c}",
                group_id=group.id,
                icon="construction",
                names={"fr": f"Catégorie {g}{c}"},
                delay_hours=120,
            )
            db.session.add(category)
            db.session.flush()
            db.session.add(Route(jurisdiction_id=made.id, category_id=category.id, team_id=teams[g % 4].id))
    db.session.commit()
    jurisdictions.drop_cache()
    jurisdiction = jurisdictions.by_slug("banc")
    with serving(jurisdiction):
        make_user(jurisdiction, email=EMAIL, role="supervisor", name="Banc", password=PASSWORD)
        _reports(jurisdiction, reports)
        tile_counts.recount_tiles(jurisdiction.id)
        db.session.commit()
    db.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(text("VACUUM ANALYZE"))
    db.session.commit()
    return jurisdiction


_REPORTS = text("""
INSERT INTO report (jurisdiction_id, in_charge_id, reference, category_id, status, priority, location, address,
                    public_address, description, public_description, channel, received_at, updated_at, due_at, closed_at)
SELECT :jurisdiction, :jurisdiction,
       'BA-' || (SELECT string_agg(substr(:alphabet, 1 + (n / power(23, k)::int) % 23, 1)
                                   || CASE WHEN k = 2 THEN '-' ELSE '' END, '' ORDER BY k)
                 FROM generate_series(0, 5) AS k),
       :first_category + (power(random(), 2) * 39)::int,
       CASE WHEN n > CAST(:total AS int) * 0.95 THEN (ARRAY['received', 'acknowledged', 'planned', 'in_progress'])[1 + n % 4]
            ELSE (ARRAY['resolved', 'resolved', 'resolved', 'resolved', 'rejected', 'acknowledged'])[1 + n % 6] END,
       CASE WHEN n % 200 = 0 THEN 2 ELSE 0 END,
       ST_SetSRID(ST_MakePoint(
           :lon + (random() + random() + random() - 1.5) * :half * 0.62,
           :lat + (random() + random() + random() - 1.5) * :half * 0.62), 4326),
       said.address, said.address, said.words, said.words,
       'web', moment, moment, moment + interval '5 days', moment + interval '2 days'
FROM (SELECT n, CAST(:now AS timestamptz) - (CAST(:total AS int) - n) * (interval '730 days' / CAST(:total AS float8)) AS moment
      FROM generate_series(CAST(:from AS int), CAST(:to AS int)) AS n) AS numbered
CROSS JOIN LATERAL (
    SELECT (n % 180) || ' rue ' || (ARRAY['des Tilleuls', 'Haute', 'de la Gare', 'du Marché', 'des Arts'])[1 + n % 5]
               AS address,
           (SELECT string_agg((CAST(:words AS text[]))[1 + (random() * (:several - 1))::int + w * 0 + n * 0], ' ')
            FROM generate_series(1, 8 + n % 9) AS w) || CASE WHEN n % 5000 = 0 THEN ' ' || :rare ELSE '' END AS words
    -- Said once, written twice: as typed and as the public reads it.
    OFFSET 0
) AS said
""")
_BESIDE = text("""
WITH lined AS (
    INSERT INTO report_event (jurisdiction_id, report_id, kind, channel, public, occurred_at)
    SELECT :jurisdiction, id, kind, 'web', true, received_at + after FROM report
    CROSS JOIN (VALUES ('received', interval '0'), ('acknowledged', interval '1 hour'),
                       ('resolved', interval '2 days')) AS k(kind, after)
    WHERE jurisdiction_id = :jurisdiction
), routed AS (
    INSERT INTO triage (jurisdiction_id, report_id, team_id)
    SELECT :jurisdiction, r.id, o.team_id FROM report r JOIN route o ON o.category_id = r.category_id
    WHERE r.jurisdiction_id = :jurisdiction
)
INSERT INTO report_sector (jurisdiction_id, report_id, sector_id, received_at, status)
SELECT :jurisdiction, r.id, s.id, r.received_at, r.status FROM report r
JOIN sector s ON s.jurisdiction_id = :jurisdiction AND s.boundary ~ r.location AND ST_Contains(s.boundary, r.location)
WHERE r.jurisdiction_id = :jurisdiction
""")


def _reports(jurisdiction: JurisdictionCopy, total: int) -> None:
    lat, lon = CENTRE
    first = db.session.execute(
        text("SELECT min(id) FROM category WHERE jurisdiction_id = :jurisdiction"), {"jurisdiction": jurisdiction.id}
    ).scalar_one()
    for begun in range(1, total + 1, 100_000):
        db.session.execute(
            _REPORTS,
            {
                "jurisdiction": jurisdiction.id,
                "first_category": first,
                "total": total,
                "lat": lat,
                "lon": lon,
                "half": HALF,
                "words": list(WORDS),
                "several": len(WORDS),
                "rare": RARE,
                "alphabet": references.ALPHABET,
                "now": utcnow() - timedelta(minutes=5),
                "from": begun,
                "to": min(total, begun + 99_999),
            },
        )
    db.session.execute(_BESIDE, {"jurisdiction": jurisdiction.id})
    db.session.commit()
