"""Reports from another system: batches, refusals with their reason, starting again, and the real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from core.database import db
from core.identity import boundaries, jurisdictions
from core.notifications.outbox.models import Message
from interventions.triage.models import Triage
from reporter.map import features, tile_counts
from reporter.map.models import MapCount
from reporter.reports import importing
from reporter.reports.models import Report, ReportSector

ROOT = Path(__file__).resolve().parents[3]
MAPPING = """
[columns]
id = "n"
received = "le"
closed = "clos"
status = "etat"
description = "texte"
lat = "y"
lon = "x"
[dates]
formats = ["%d/%m/%Y"]
[status]
default = "received"
values = { Fini = "resolved" }
[categories]
group = "famille"
name = "sujet"
make = true
"""
HEAD = "n,le,clos,etat,texte,x,y,famille,sujet\n"
GOOD = "1,02/03/2026,,Ouvert,Un trou,3.8775,43.6115,Voirie,Nid de poule\n"


def run(folder: Path, rows: str, mapping: str = MAPPING) -> tuple[importing.ImportProgress, str]:
    (folder / "m.toml").write_text(mapping, "utf-8")
    (folder / "r.csv").write_text(HEAD + rows, "utf-8")
    outcome = None
    for outcome in importing.import_rows(
        folder / "r.csv", importing.Mapping.read(folder / "m.toml"), folder / "bad.csv"
    ):
        pass
    return outcome, (folder / "bad.csv").read_text("utf-8")


def test_rows_come_in_untold_and_unrouted_and_only_once(acting, jurisdiction, tmp_path):
    with acting(jurisdiction):
        outcome, _bad = run(tmp_path, GOOD + "2,02/03/2026,05/03/2026,Fini,Fait,3.878,43.612,Voirie,Nid de poule\n")
        assert (outcome.taken, outcome.refused) == (2, 0)
        again, _bad = run(tmp_path, GOOD)
        assert (again.taken, again.known) == (0, 1)
        made = {r.external_id: r for r in db.session.scalars(select(Report))}
        assert (made["1"].status, made["2"].status) == ("received", "resolved")
        assert made["2"].closed_at is not None
        # Midnight in the jurisdiction, as the mapping says.
        assert made["1"].received_at.utctimetuple()[:5] == (2026, 3, 1, 23, 0)
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
        assert db.session.scalar(select(func.count()).select_from(Triage)) == 0
        assert db.session.scalar(select(func.count()).select_from(ReportSector)) == 2


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("3,,,Ouvert,a,3.877,43.611,V,S\n", "no usable date of reception"),
        ("3,31/02/2026,,Ouvert,a,3.877,43.611,V,S\n", "no usable date of reception"),
        ("3,02/03/2099,,Ouvert,a,3.877,43.611,V,S\n", "received in the future"),
        ("3,02/03/2026,01/03/2026,Fini,a,3.877,43.611,V,S\n", "closed before it was received"),
        ("3,02/03/2026,,Ouvert,a,,43.611,V,S\n", "no usable position"),
        ("3,02/03/2026,,Ouvert,a,NaN,43.611,V,S\n", "no usable position"),
        ("3,02/03/2026,,Ouvert,a,13.877,43.611,V,S\n", "outside the boundary"),
        ("3,02/03/2026,,Ouvert,a,3.877,43.611,V,\n", "no category"),
        ("3,02/03/2026,,Ouvert," + "a" * 4001 + ",3.877,43.611,V,S\n", "longer than 4,000"),
    ],
)
def test_a_refused_row_is_kept_with_its_reason(acting, jurisdiction, tmp_path, row, why):
    with acting(jurisdiction):
        outcome, bad = run(tmp_path, row + GOOD)
        assert (outcome.taken, outcome.refused) == (1, 1)
        assert why in bad and "3," in bad


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('lat = "y"', 'latitude = "y"', "not latitude"),
        ('lat = "y"', "", "needs lat"),
        ('Fini = "resolved"', 'Fini = "done"', "done"),
        ('default = "received"', 'default = "merged"', "merged"),
        ("[columns]", "[columns", "not a usable mapping"),
        ('texte"', 'words"', "has no column words"),
    ],
)
def test_an_unusable_mapping_says_what_is_wrong(acting, jurisdiction, tmp_path, old, new, said):
    with acting(jurisdiction), pytest.raises(importing.UnusableMapping, match=said):
        run(tmp_path, GOOD, MAPPING.replace(old, new))


def test_the_map_counts_what_came_in_and_can_be_counted_again(acting, jurisdiction, tmp_path):
    with acting(jurisdiction):
        run(tmp_path, GOOD + GOOD.replace("1,", "7,", 1))
        before = features.counts_in_box(jurisdiction.bounds)
        assert sum(one["properties"]["count"] for one in before) == 2
        assert tile_counts.fold_deltas() == 2
        assert features.counts_in_box(jurisdiction.bounds) == before
        kept = db.session.scalar(select(func.count()).select_from(MapCount))
        assert tile_counts.recount_tiles(jurisdiction.id) == 2
        assert features.counts_in_box(jurisdiction.bounds) == before
        assert db.session.scalar(select(func.count()).select_from(MapCount)) == kept


def test_paris_comes_in_whole(acting, data, database):
    with acting():
        boundaries.create_jurisdiction(
            "paris", name="Paris", sectors=data / "paris" / "quartiers_paris.geojson", sector_name="l_qu"
        )
        db.session.commit()
        jurisdictions.drop_cache()
        paris = jurisdictions.by_slug("paris")
    with acting(paris):
        area = db.session.execute(
            text(
                "SELECT ST_Area(boundary::geography) / 1e6, ST_IsValid(boundary), "
                "ST_NumGeometries(boundary) FROM jurisdiction WHERE slug = 'paris'"
            )
        ).one()
        assert 100 < area[0] < 110 and area[1]
        mapping = importing.Mapping.read(ROOT / "docs" / "imports" / "paris_dansmarue.toml")
        outcome = None
        for outcome in importing.import_rows(data / "reports" / "paris_dansmarue.csv", mapping, Path("/dev/null")):
            pass
        assert (outcome.taken, outcome.known) == (16988 - outcome.refused, 0)
        assert outcome.refused < 20, outcome.reasons
        placed = db.session.scalar(select(func.count(func.distinct(ReportSector.report_id))))
        assert placed >= outcome.taken - 20


def test_what_no_row_should_hold_stops_no_file(acting, jurisdiction, tmp_path):
    with acting(jurisdiction):
        strange = (
            "9\0,02/03/2026,,Ouvert,a,3.8775,43.6115,V,S\n"
            "10,02/03/2026,,Ouvert," + "a" * 200_000 + ",3.8775,43.6115,V,S\n"
            "11,02/03/2026,,Ouvert,a,3.8775,43.6115,V," + "S" * 20_000 + "\n"
        )
        outcome, bad = run(tmp_path, strange + GOOD)
        assert (outcome.taken, outcome.refused) == (3, 1)
        assert "longer than 4,000" in bad
