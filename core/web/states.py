"""The words and icons of states, for pages, mails and sheets, as their owners register them. Colours: _tokens.scss."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from core.i18n import gettext


def N_(words: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a msgid for extraction; it is translated when it is shown."""
    return words


#: state → (icon of the sprite, words), as the packages that own them registered them.
STATES: dict[str, tuple[str, str]] = {}


def register(states: Mapping[str, tuple[str, str]]) -> None:
    """Let pages, mails and sheets know states: {code: (icon of the sprite, msgid)}. app.py calls it for each owner.

    Two owners may share a state (reports and work orders may both be under way). Raises ValueError where
    they mean different things by it.
    """
    for code, shown in states.items():
        if STATES.setdefault(code, shown) != shown:
            raise ValueError(f"The state {code} is registered twice, differently")


def state_word(status: str) -> str:
    """The state in the reader's language ("Reçu"). KeyError for a state that nobody declared."""
    return gettext(STATES[status][1])


def state_icon(status: str) -> str:
    """The name of the state's icon. KeyError for a state that nobody declared."""
    return STATES[status][0]


def init_app(app: Flask) -> None:
    """Give the templates `state_word` and `state_icon`."""
    app.jinja_env.globals.update(state_word=state_word, state_icon=state_icon)
