"""Addresses to positions and back, by any Addok server (the BAN's is one), where GEOCODER_URL names one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app
from geopy.exc import GeopyError
from geopy.geocoders import BANFrance

from core.database.scope import current_jurisdiction
from core.database.transactions import must_not_write
from core.geo import Place

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 3
#: What a server that is away, refuses, or answers something else than places comes to.
WRONG = (GeopyError, LookupError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class GeocodedAddress:
    """An address found: in words, where, and how sure the geocoder is (0 to 1)."""

    label: str
    place: Place
    score: float


def is_configured() -> bool:
    """Whether a geocoder is set."""
    return bool(current_app.config.get("GEOCODER_URL"))


def search(words: str, most: int = 5) -> list[GeocodedAddress]:
    """Places for an address, those near the jurisdiction first; empty where none is set, found, or answering."""
    if not is_configured() or not words.strip():
        return []
    must_not_write("geocoder")
    lat, lon = current_jurisdiction().centre
    try:
        client = _client()
        # geopy has no parameter for Addok's position bias; the jurisdiction's name does as well for most addresses.
        jurisdiction = current_jurisdiction().name_in("fr")
        results = client.geocode(f"{words} {jurisdiction}", exactly_one=False, timeout=TIMEOUT_SECONDS) or []
    except WRONG as error:
        log.warning("The geocoder did not answer: %s", type(error).__name__)
        return []
    found = [
        GeocodedAddress(
            one.raw.get("properties", {}).get("label", one.address),
            Place(one.longitude, one.latitude),
            float(one.raw.get("properties", {}).get("score", 0)),
        )
        for one in results
    ]
    return sorted(found, key=lambda one: (one.place.lat - lat) ** 2 + (one.place.lon - lon) ** 2)[:most]


def reverse(place: Place) -> str:
    """The address at a position in words; empty where no geocoder is set, answers or knows."""
    if not is_configured():
        return ""
    must_not_write("geocoder")
    try:
        found = _client().reverse((place.lat, place.lon), timeout=TIMEOUT_SECONDS)
    except WRONG as error:
        log.warning("The geocoder did not answer: %s", type(error).__name__)
        return ""
    return found.raw.get("properties", {}).get("label", "") if found else ""


def _client() -> BANFrance:
    url = urlsplit(current_app.config["GEOCODER_URL"])
    return BANFrance(
        domain=url.netloc + url.path.rstrip("/"), scheme=url.scheme, user_agent="Alentour", timeout=TIMEOUT_SECONDS
    )
