"""Streets are recognised in addresses however they are written."""

import pytest

from core.errors import FieldError
from reporter.subscriptions import street_names


@pytest.mark.parametrize(
    "typed, address",
    [
        ("rue des Tilleuls", "12 rue des Tilleuls"),
        ("Rue des tilleuls", "12 bis RUE DES TILLEULS, 34000 Villeclaire"),
        ("12 rue des Tilleuls", "3, rue des Tilleuls"),
        ("av. de l’Égalité", "44 Avenue de l'Egalité"),
        ("bd St-Michel", "boulevard Saint Michel"),
        ("rue du 8 Mai 1945", "rue du 8 mai 1945, devant le 12"),
        ("rue du Cœur Volant", "5 rue du Coeur-Volant"),
        ("Tilleuls", "devant l’école de la rue des Tilleuls"),
        ("12 ter rue des Tilleuls, 34000 Villeclaire", "rue des Tilleuls"),
    ],
)
def test_a_street_is_found_in_an_address(typed, address):
    compared, _shown = street_names.parse_street(typed)
    assert compared in street_names.street_names_in(address)


@pytest.mark.parametrize(
    "typed, address",
    [
        ("rue des Tilleuls", "12 rue des Tilleulsards"),
        ("rue Haute", "rue de la Hauteville"),
        ("rue Basse", ""),
        ("rue du 8 mai 1945", "8 rue de Mai 1945"),
    ],
)
def test_another_street_is_not(typed, address):
    assert street_names.parse_street(typed)[0] not in street_names.street_names_in(address)


@pytest.mark.parametrize("typed", ["", "rue", "rue de la", "av.", "a", "l’", "mot " * 12, "x" * 200])
def test_what_names_no_street_is_refused(typed):
    with pytest.raises(FieldError) as error:
        street_names.parse_street(typed)
    assert error.value.field == "street"


def test_what_is_shown_is_what_was_typed_without_its_number():
    assert street_names.parse_street(" 12 bis  rue des Tilleuls, Villeclaire ") == (
        "rue des tilleuls",
        "rue des Tilleuls",
    )
    assert street_names.parse_street("8 mai 1945")[1] == "8 mai 1945"


def test_the_longest_address_has_a_bounded_number_of_names():
    assert len(street_names.street_names_in("mot " * 60 + " ".join(map(str, range(40))))) < 300
