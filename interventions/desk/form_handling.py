"""How every form of the desk is answered: as all forms of the services, by the one who is signed in."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue

from core.identity.actor import Actor
from core.web import form_handling as web_form_handling
from core.web.form_handling import new_form_key
from core.web.principal import require
from interventions.desk import choices, menu

__all__ = ["attempt", "figure", "new_form_key", "version"]


def version() -> int:
    """The version of the thing that the form was made from; one that nothing has where it does not say."""
    found = figure(request.form.get("version", ""))
    return -1 if found is None else found


def figure(text: str) -> int | None:
    """A number that the desk's own pages have written into a form; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def attempt(
    do: Callable[[Actor], str], *, to: Callable[[], str] | str, again: Callable[..., ResponseReturnValue]
) -> ResponseReturnValue:
    """Run the verb `do(by)`, which returns what is said of it, and go on to `to`; see
    core.web.form_handling.answer_form."""
    by = require().acting("desk")
    return web_form_handling.answer_form(lambda: do(by), to=to, again=again, done=_forget)


def _forget() -> None:
    menu.drop_cache()
    choices.drop_cache()
