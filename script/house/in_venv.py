"""A question about the database that needs a package of .venv: asked by the house, answered here.

`python in_venv.py` prints yes or no: is there a jurisdiction in the database that DATABASE_URL names? Where only that
database is missing, it is made.
"""
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit


def has_jurisdiction(environ: dict[str, str]) -> bool:
    """Tell whether the database that `environ` names holds a jurisdiction. Raises Stop where it cannot be used."""
    from house import paths
    from house.say import Stop

    done = subprocess.run([str(paths.VENV_PYTHON), str(Path(__file__))], env=environ,
                          capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it did not say why"]
        raise Stop(f"The database that DATABASE_URL names cannot be used: {said[-1]}")
    return done.stdout.strip() == "yes"


def _make_if_missing(address: str) -> None:
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error) or "role" in str(error):
            raise
        parts = urlsplit(address)
        name = parts.path.removeprefix("/")
        with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def _has_jurisdiction(address: str) -> bool:
    import psycopg

    with psycopg.connect(address, connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('jurisdiction')").fetchone()[0] is None:
            return False
        return connection.execute("SELECT EXISTS (SELECT FROM jurisdiction)").fetchone()[0]


def main() -> None:
    """Answer the question; a failure ends in one line on the error output."""
    import psycopg

    address = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        _make_if_missing(address)
        print("yes" if _has_jurisdiction(address) else "no")
    except psycopg.Error as error:
        sys.exit(" ".join(str(error).split()))


if __name__ == "__main__":
    main()
