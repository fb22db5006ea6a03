"""An address in words: which of the places found for it is meant."""

from core.geo import Place
from core.geo.geocoder import GeocodedAddress
from reporter import placing

NEAR, FAR = Place(3.8771, 43.6112), Place(3.899, 43.63)


def found(monkeypatch, *results: GeocodedAddress) -> Place | None:
    monkeypatch.setattr(placing.geocoder, "is_configured", lambda: True)
    monkeypatch.setattr(placing.geocoder, "search", lambda words: list(results))
    return placing.find_place(address="25 rue de la République")


def test_the_best_answer_comes_before_the_nearest(acting, jurisdiction, monkeypatch):
    with acting(jurisdiction):
        asked = (
            GeocodedAddress("Rue de la Petite République", NEAR, 0.58),
            GeocodedAddress("25 Rue de la République", FAR, 0.96),
        )
        assert found(monkeypatch, *asked) == FAR


def test_of_answers_as_good_as_each_other_the_nearest_is_meant(acting, jurisdiction, monkeypatch):
    with acting(jurisdiction):
        name = "25 Rue de la République"
        asked = (GeocodedAddress(name, NEAR, 0.951), GeocodedAddress(name, FAR, 0.964))
        assert found(monkeypatch, *asked) == NEAR


def test_a_geocoder_that_answers_something_else_is_one_that_knows_nothing(app, acting, jurisdiction, monkeypatch):
    from core.geo import geocoder

    class Server:
        def geocode(self, *_words, **_options):
            return {}["features"]

        reverse = geocode

    monkeypatch.setitem(app.config, "GEOCODER_URL", "http://localhost:1")
    monkeypatch.setattr(geocoder, "_client", Server)
    with acting(jurisdiction):
        assert geocoder.search("rue") == [] and geocoder.reverse(NEAR) == ""
