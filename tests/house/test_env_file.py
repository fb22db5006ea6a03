"""var/env is written by the house and read by the settings' own reader of such files."""

import stat

import pytest
from dotenv import dotenv_values
from house import env_file
from hypothesis import given
from hypothesis import strategies as st

VALUES = {
    "SECRET_KEY": "a-B_9",
    "STORAGE_URL": "file:///home/al%C3%A9/var/storage",
    "DATABASE_URL": "postgresql+psycopg://a:b@127.0.0.1:2345/alentour",
    "MAIL_FROM": "Ville d'Été <ne-pas-repondre@ville.example> # non",
    "EMPTY": "",
}


def test_what_is_written_is_what_flask_reads(tmp_path):
    path = tmp_path / "env"
    env_file.write(path, VALUES)
    assert env_file.read(path) == VALUES
    assert dotenv_values(path, interpolate=False) == VALUES


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40))
def test_any_value_comes_back(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("env") / "env"
    env_file.write(path, {"VALUE": value})
    assert env_file.read(path) == {"VALUE": value}
    assert dotenv_values(path, interpolate=False) == {"VALUE": value}


def test_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "env"
    path.touch(mode=0o644)
    env_file.write(path, VALUES)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["env"]


@pytest.mark.parametrize(
    "text, value",
    [
        ("A=b", "b"),
        ("export A = b ", "b"),
        ('A="b c"', "b c"),
        ("A='b\\'c'", "b'c"),
    ],
)
def test_lines_of_a_person(tmp_path, text, value):
    path = tmp_path / "env"
    path.write_text(f"# a comment\n\n{text}\nnot a setting\n")
    assert env_file.read(path) == {"A": value}


def test_no_file_says_nothing(tmp_path):
    assert env_file.read(tmp_path / "env") == {}
