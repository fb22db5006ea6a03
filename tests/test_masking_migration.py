"""Words written before there was a masked column beside them are masked by the migration."""

import secrets
import subprocess
import sys

import sqlalchemy as sa

from tests.conftest import ROOT, environment, fresh_database

BEFORE = """
WITH town AS (
    INSERT INTO jurisdiction (slug, names, prefix, boundary) VALUES ('v', '{"fr": "V"}', 'VC',
        ST_Multi(ST_MakeEnvelope(3, 43, 4, 44, 4326))) RETURNING id
), heading AS (
    INSERT INTO category_group (jurisdiction_id, code, names) SELECT id, 'g', '{"fr": "G"}' FROM town RETURNING id
), kind AS (
    INSERT INTO category (jurisdiction_id, group_id, code, names)
    SELECT town.id, heading.id, 'c', '{"fr": "C"}' FROM town, heading RETURNING id
), said AS (
    INSERT INTO words (jurisdiction_id, text) SELECT id, 'Écrire à a@b.fr' FROM town
)
INSERT INTO report (jurisdiction_id, in_charge_id, category_id, reference, location, door, address,
                    description, answers)
SELECT town.id, town.id, kind.id, 'VC-' || n, ST_SetSRID(ST_MakePoint(3.5, 43.5), 4326), 'web', n || ' rue Haute',
       'Trou ' || n || ', (06) 12 34 56 78', '{"who": "a@b.fr", "n": 4}'
FROM town, kind, generate_series(1, 4500) AS n
"""


def test_what_was_written_before_is_masked_in_batches(tmp_path):
    with fresh_database(f"alentour_test_{secrets.token_hex(4)}") as url:
        engine = sa.create_engine(url)
        try:
            _upgrade(url, tmp_path, "0005")
            with engine.begin() as connection:
                connection.exec_driver_sql(BEFORE.replace("%", "%%"))
            _upgrade(url, tmp_path, "0006")
            with engine.connect() as connection:
                rows = connection.execute(
                    sa.text("SELECT public_address, public_description, public_answers FROM report ORDER BY id")
                ).all()
                words = connection.execute(sa.text("SELECT public_text FROM words")).scalar_one()
        finally:
            engine.dispose()
    assert len(rows) == 4500 and words == "Écrire à […]"
    for number, row in enumerate(rows, 1):
        assert tuple(row) == (f"{number} rue Haute", f"Trou {number}, […]", {"who": "[…]", "n": 4}), row


def _upgrade(url, folder, revision):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "db", "upgrade", revision],
        cwd=ROOT,
        text=True,
        capture_output=True,
        env=environment(url, folder),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
