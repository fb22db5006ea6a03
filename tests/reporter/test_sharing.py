"""What a page looks like where its address is shared: a description, a picture, nothing personal."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import update

from core.database import db
from core.photos import processing
from core.photos.verbs import accept_processed
from reporter.reports.models import Report
from reporter.subscriptions import links as subscription_links
from tests import factories

META = re.compile(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">')


def shared(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return dict(META.findall(answer.get_data(as_text=True)))


PUBLIC = ["/", "/report/new", "/around", "/notices", "/legal", "/accessibility", "/api/v1/docs"]


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_says_what_it_is(client, path):
    said = shared(client, path)
    assert len(said["description"]) > 20 and said["og:description"] == said["description"]
    assert said["og:url"] == f"http://localhost{path}" and said["og:title"]
    assert said["og:image"] == "http://localhost/static/share.png"
    assert said["twitter:card"] == "summary_large_image"


def test_the_picture_of_its_own_is_there(client):
    image = Image.open(io.BytesIO(client.get("/static/share.png").data))
    assert image.size == (1200, 630)


def test_a_report_shows_its_photo_and_nothing_personal(client, jurisdiction, acting):
    data = factories.jpeg()
    with acting(jurisdiction):
        photo = accept_processed(data, processing.process(data))
        token = str(photo.token)
        report = factories.report(photos=[photo.token], description="Signé Jean Dupont")
        reference, key = report.reference, subscription_links.author_key(report.id)
    said = shared(client, f"/r/{reference}")
    assert said["og:image"] == f"http://localhost/photos/{token}/small" and said["og:type"] == "article"
    assert "Dupont" not in " ".join(said.values()) and said["og:url"] == f"http://localhost/r/{reference}"
    client.get(f"/r/{reference}?key={key}")
    mine = shared(client, f"/r/{reference}")
    assert "og:title" not in mine and "description" not in mine
    with acting(jurisdiction):
        db.session.execute(update(Report).values(private=True))
        db.session.commit()
    assert "og:title" not in shared(client, f"/r/{reference}")


def test_pages_of_somebody_say_nothing(client):
    for path in ("/login", "/mine"):
        assert "og:title" not in shared(client, path)
