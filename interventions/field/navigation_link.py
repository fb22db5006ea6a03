"""The link that opens a phone's own navigation. No script: each phone has its own kind of address."""

from __future__ import annotations

from urllib.parse import quote

from flask import request


def navigation_url(lat: float, lon: float, label: str = "") -> str:
    """Where a tap leads: the maps of an Apple device, the app that is chosen on Android, else a map page.

    `lat` and `lon` in degrees, WGS 84.
    """
    there = f"{lat:.6f},{lon:.6f}"
    device = request.headers.get("User-Agent", "")
    if "Android" in device:
        # Two forms in one: some apps read the first pair (RFC 5870), others the question with its label.
        named = f"({quote(label, safe='')})" if label else ""
        return f"geo:{there}?q={there}{named}"
    if any(name in device for name in ("iPhone", "iPad", "iPod", "Macintosh")):
        return f"https://maps.apple.com/?daddr={there}"
    return f"https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lon:.6f}#map=18/{lat:.6f}/{lon:.6f}"
