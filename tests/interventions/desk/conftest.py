"""The desk's browsers, and nothing kept from one test to the next."""

from __future__ import annotations

import pytest

from interventions.desk import choices, menu


@pytest.fixture(autouse=True)
def _nothing_kept():
    menu.drop_cache()
    choices.drop_cache()


@pytest.fixture
def desk(signed_in):
    """The supervisor's browser."""
    return signed_in("supervisor")


@pytest.fixture
def reception(signed_in):
    """The reception's browser."""
    return signed_in("reception")


@pytest.fixture
def made(acting, jurisdiction):
    """`made(category=…)` – the reference of a report taken in."""
    from tests import factories

    def make(**more) -> str:
        with acting(jurisdiction):
            return factories.report(**more).reference

    return make
