"""A jurisdiction's catalogue from a file: made, changed, routed, refused with the place of the mistake."""

from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import db
from core.identity.models import Body
from demo import content
from interventions.admin import catalogue
from interventions.triage.models import Route
from reporter.categories.models import Category
from tests import factories

FILE = """
[[teams]]
code = "eau"
name = { fr = "Équipe eau" }
[[groups]]
code = "eau"
name = { fr = "Eau", en = "Water" }
[[categories]]
code = "fuite"
group = "eau"
name = { fr = "Fuite", en = "Leak" }
team = "eau"
priority = "danger"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "catalogue.toml"
    path.write_text(text, "utf-8")
    return path


def test_categories_are_made_then_changed_and_a_report_is_routed(acting, jurisdiction, tmp_path):
    with acting(jurisdiction):
        assert catalogue.import_catalogue(catalogue.read_catalogue(written(tmp_path, FILE))) == (1, 0)
        assert catalogue.import_catalogue(
            catalogue.read_catalogue(written(tmp_path, FILE.replace("Fuite", "Fuite d’eau")))
        ) == (
            0,
            1,
        )
        category = db.session.scalar(select(Category).where(Category.code == "fuite"))
        assert (category.names["fr"], category.priority) == ("Fuite d’eau", 2)
        assert len(db.session.scalars(select(Route).where(Route.category_id == category.id)).all()) == 1
        assert factories.report(category="fuite").priority == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (FILE.replace('"danger"', '"huge"'), "categories fuite: priority"),
        (FILE.replace('group = "eau"', 'group = "feu"'), "categories fuite: group"),
        (FILE.replace('team = "eau"', 'team = "feu"'), "categories fuite: team"),
        (FILE.replace('code = "fuite"', 'code = "Fuite !"'), "code"),
        ("[[categories", "TOML"),
        ("a = 1", "holds no"),
    ],
)
def test_a_mistake_is_named(acting, jurisdiction, tmp_path, text, place):
    with acting(jurisdiction), pytest.raises(catalogue.UnusableCatalogue, match=place):
        catalogue.import_catalogue(catalogue.read_catalogue(written(tmp_path, text)))


def test_the_demonstration_is_a_catalogue():
    folder = Path(content.__file__).parent
    assert len(catalogue.read_catalogue(folder / "categories.toml").categories) == 40


BODIES = """
[[bodies]]
code = "regie"
name = { fr = "Régie des eaux" }
address = "3 quai des Lavandières"
phone = "04 65 71 00 40"
email = "reseaux@example.org"
[[bodies]]
code = "ville"
name = { fr = "La ville" }
hosted = "villeclaire"
"""
FORMAL = (
    FILE
    + """body = "regie"
silence = "rejection"
silence_months = 4
"""
)


def test_who_is_responsible_and_what_silence_means(acting, jurisdiction, tmp_path):
    with acting(jurisdiction):
        catalogue.import_catalogue(catalogue.read_catalogue(written(tmp_path, BODIES + FORMAL)))
        made = db.session.scalar(select(Category).where(Category.code == "fuite"))
        bodies = {one.code: one for one in db.session.scalars(select(Body))}
        assert (made.body_id, made.silence, made.silence_months) == (bodies["regie"].id, "rejection", 4)
        assert bodies["regie"].phone == "04 65 71 00 40" and bodies["ville"].hosted_id == jurisdiction.id
        # What a file does not say stays as it was set from the screen; what it says is taken.
        bodies["regie"].phone = "04 65 71 00 41"
        catalogue.import_catalogue(
            catalogue.read_catalogue(written(tmp_path, FILE + BODIES.replace('phone = "04 65 71 00 40"', "")))
        )
        assert (made.silence, made.silence_months, bodies["regie"].phone) == ("rejection", 4, "04 65 71 00 41")
        catalogue.import_catalogue(catalogue.read_catalogue(written(tmp_path, FILE + 'silence = "none"\nbody = ""\n')))
        assert (made.body_id, made.silence) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"rejection"', '"perhaps"', "silence"),
        ("silence_months = 4", "silence_months = 0", "silence_months"),
        ('body = "regie"', 'body = "personne"', "body"),
        ('"04 65 71 00 40"', '"bientôt"', "phone"),
        ('"reseaux@example.org"', '"reseaux"', "email"),
        ('hosted = "villeclaire"', 'hosted = "nulle-part"', "hosted"),
    ],
)
def test_what_cannot_be_is_refused_by_name(acting, jurisdiction, tmp_path, old, new, where):
    with acting(jurisdiction), pytest.raises(catalogue.UnusableCatalogue) as error:
        catalogue.import_catalogue(catalogue.read_catalogue(written(tmp_path, (BODIES + FORMAL).replace(old, new))))
    assert where in str(error.value)
