"""What the forms of the administration say: the version they were made from, and what was typed."""

from __future__ import annotations

from flask import request

from core.web.form_handling import answer_form, new_form_key

__all__ = ["answer_form", "new_form_key", "typed", "version"]


def version() -> int:
    """The version of the thing that the form was made from; one that nothing has where it does not say."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1


def typed() -> dict[str, str]:
    """The fields of the form as they can be shown again: without what no page can hold."""
    return {
        name: "".join(one for one in value if one.isprintable() or one in "\r\n\t")
        for name, value in request.form.items()
    }
