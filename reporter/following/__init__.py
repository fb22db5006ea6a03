"""Following: who wants news of what, by which channel; the author's link; how to stop; the page "mine"."""

from __future__ import annotations

from reporter.following.keys import author_key, confirm_link, opens, stop_link, told_link
from reporter.following.reports import (
    add,
    ask_number,
    author_is_told,
    confirm,
    confirmation_key,
    follow,
    followers,
    stop,
    stop_key,
    told_by,
)

__all__ = [
    "add",
    "ask_number",
    "author_is_told",
    "author_key",
    "confirm",
    "confirm_link",
    "confirmation_key",
    "follow",
    "followers",
    "opens",
    "stop",
    "stop_key",
    "stop_link",
    "told_by",
    "told_link",
]
