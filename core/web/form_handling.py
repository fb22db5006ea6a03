"""How a form of the services is answered: the verb in a savepoint, then the page; or the form again."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from core.database import db
from core.database.transactions import on_commit
from core.errors import ChangedMeanwhile, FieldError, FieldErrors, Forbidden, NotFound, Refused
from core.web.idempotency import claim, digest_of
from core.web.principal import require

#: How much of each file of a form makes it another form, in bytes, and how many files: more than any form takes in.
LARGEST, MOST_FILES = 16 * 2**20, 20
#: Of the fields of a form, those that are not about what it asks.
_APART = {"csrf_token", "idempotency_key"}


def new_form_key() -> str:
    """The key of the forms of one page: sent twice, a form is answered twice and does once."""
    return secrets.token_urlsafe(9)


def answer_form(
    do: Callable[[], str],
    *,
    to: Callable[[], str] | str,
    again: Callable[..., ResponseReturnValue],
    done: Callable[[], None] | None = None,
) -> ResponseReturnValue:
    """Run `do()`, which returns what is said of it, and go on to `to`.

    Where it is refused, `again(status, errors, refusal)` makes the page anew: 422 with the fields at fault, 412
    when somebody else was first, 409 when the state does not allow it. Nothing of it remains then.
    `done` is called once it is committed (it drops caches), not for a form sent twice.
    """
    key = request.form.get("idempotency_key", "")
    try:
        with db.session.begin_nested():
            taken = claim(key, actor=require().actor, digest=_digest()) if key else None
            if taken is not None and taken.answer is not None:
                return redirect(taken.answer["to"], 303)
            said = do()
            target = to if isinstance(to, str) else to()
            if taken is not None:
                taken.keep({"to": target})
    except (FieldError, FieldErrors) as error:
        return again(status=422, errors=error.fields, refusal="")
    except (NotFound, Forbidden):
        raise
    except ChangedMeanwhile as error:
        return again(status=412, errors={}, refusal=error.sentence)
    except Refused as error:
        return again(status=error.status, errors={}, refusal=error.sentence)
    if done is not None:
        on_commit(done)
    if said:
        flash(said)
    return redirect(target, 303)


def _digest() -> str:
    """What the form asks: its fields, and its files by what is in them (cameras call every photo image.jpg)."""
    fields = [f"{name}={value}" for name, value in sorted(request.form.items(multi=True)) if name not in _APART]
    files = [(name, file) for name, file in request.files.items(multi=True) if file.filename][:MOST_FILES]
    return digest_of(request.path, *fields, *sorted(f"{name}={_content(file)}" for name, file in files))


def _content(file: FileStorage) -> str:
    """A digest of a file's length and of its beginning (LARGEST bytes); it is read from its beginning again after."""
    length = file.stream.seek(0, os.SEEK_END)
    file.stream.seek(0)
    found = digest_of(str(length), file.stream.read(LARGEST))
    file.stream.seek(0)
    return found
