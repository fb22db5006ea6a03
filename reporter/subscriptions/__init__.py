"""Following: who wants news of what, by which channel; the author's link; how to stop; the page "mine"."""

from __future__ import annotations

from reporter.subscriptions.links import author_key, confirm_link, opens_report, sms_link, stop_link
from reporter.subscriptions.reports import (
    ask_number,
    author_channels,
    author_is_told,
    confirm,
    confirmation_key,
    count_subscribers,
    find_or_add,
    stop,
    stop_key,
    subscribe,
)

__all__ = [
    "find_or_add",
    "ask_number",
    "author_is_told",
    "author_key",
    "confirm",
    "confirm_link",
    "confirmation_key",
    "subscribe",
    "count_subscribers",
    "opens_report",
    "stop",
    "stop_key",
    "stop_link",
    "author_channels",
    "sms_link",
]
