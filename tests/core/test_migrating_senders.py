"""The migration of sessions and senders, over rows that are there already."""

from __future__ import annotations

import subprocess
import sys

import sqlalchemy as sa

from tests.conftest import ROOT, environment, fresh_database

INSERT = sa.text("""
INSERT INTO jurisdiction (slug, names, prefix, boundary, sender) VALUES
(:slug, '{"fr": "X"}', 'XX', ST_GeomFromText('MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))', 4326), :sender)""")


def test_where_two_had_the_same_sender_the_first_keeps_it(migrated, tmp_path):
    with fresh_database(f"{migrated}_senders", template=migrated) as url:

        def flask_db(*args: str) -> None:
            done = subprocess.run(
                [sys.executable, "-m", "flask", "db", *args],
                cwd=ROOT,
                capture_output=True,
                text=True,
                env=environment(url, tmp_path),
                timeout=120,
            )
            assert done.returncode == 0, done.stderr[-2000:]

        flask_db("downgrade", "0005")
        flask_db("downgrade")
        engine = sa.create_engine(url)
        had = {"a": "mairie@a.example", "b": "Mairie@A.example", "c": "c@c.example", "d": None, "e": None}
        with engine.begin() as connection:
            for slug, sender in had.items():
                connection.execute(INSERT, {"slug": slug, "sender": sender})
        flask_db("upgrade", "0005")
        with engine.connect() as connection:
            found = dict(connection.execute(sa.text("SELECT slug, sender FROM jurisdiction")).all())
        engine.dispose()
        assert found == had | {"b": None}
