"""Notices on the desk: the list, writing one, what people will read, how many will be told, and withdrawing it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from core.i18n import gettext as _
from core.i18n import ngettext
from core.identity.actor import Actor
from core.web.access import requires
from core.web.principal import require
from interventions.desk.blueprint import desk, show
from interventions.desk.form_handling import attempt, figure, new_form_key, version
from interventions.desk.notices import form as notice_form
from interventions.desk.notices.queries import listed, preview
from reporter.notices import verbs as notice_verbs


@desk.get("/notices")
@requires("notices.read")
def notice_list() -> ResponseReturnValue:
    """Notices by where they stand in time: drafts, present, to come, over."""
    before = figure(request.args.get("before", ""))
    return show(
        "desk/notices.html",
        nav_current="notices",
        **listed(before),
        say=notice_verbs,
        writes=require().may("notices.publish"),
    )


@desk.get("/notices/new")
@requires("notices.publish")
def new_notice() -> ResponseReturnValue:
    """The form of a new notice."""
    return _form(None)


@desk.post("/notices")
@requires("notices.publish")
def make_notice() -> ResponseReturnValue:
    """Keep a new notice: nobody sees or hears of it yet."""
    made: list[int] = []

    def do(by: Actor) -> str:
        made.append(notice_verbs.create_notice(notice_form.draft(request.form), by=by).id)
        return _("Notice saved. Nobody can see it until it is published.")

    return attempt(do, to=lambda: f"/desk/notices/{made[0]}", again=lambda **refused: _form(None, **refused))


@desk.get("/notices/<int:notice_id>")
@requires("notices.read")
def desk_notice(notice_id: int) -> ResponseReturnValue:
    """What people read, or will read; and what can be done with it."""
    return _page(notice_id)


@desk.get("/notices/<int:notice_id>/edit")
@requires("notices.publish")
def edit_notice(notice_id: int) -> ResponseReturnValue:
    """The form, with what the notice says."""
    return _form(notice_id)


@desk.post("/notices/<int:notice_id>/edit")
@requires("notices.publish")
def change_notice(notice_id: int) -> ResponseReturnValue:
    """Keep what was changed; the second of two people is told that there was a first."""

    def do(by: Actor) -> str:
        notice = notice_verbs.lock(notice_id, version=version())
        notice_verbs.change(notice, notice_form.draft(request.form))
        if notice_verbs.may_announce_change(notice):
            return _(
                "Change saved and visible to everyone. Nobody has been told yet: you decide whether to announce it."
            )
        return _("Change saved.")

    return attempt(do, to=f"/desk/notices/{notice_id}", again=lambda **refused: _form(notice_id, **refused))


@desk.get("/notices/<int:notice_id>/send")
@requires("notices.publish")
def count_notice(notice_id: int) -> ResponseReturnValue:
    """How many will be told, by channel: counted now, and asked once more before anything leaves."""
    return _count(notice_id)


@desk.post("/notices/<int:notice_id>/send")
@requires("notices.publish")
def send_notice(notice_id: int) -> ResponseReturnValue:
    """The second confirmation: publish it, or tell of it once more; refused where the audience has changed much."""

    def do(by: Actor) -> str:
        notice = notice_verbs.lock(notice_id, version=version())
        counted = figure(request.form.get("counted", "")) or 0
        if notice.published_at is None:
            return _published(notice_verbs.publish(notice, counted=counted))
        told = notice_verbs.announce_change(notice, counted=counted, changes=notice_form.texts(request.form, "changes"))
        return _told(told)

    return attempt(do, to=f"/desk/notices/{notice_id}", again=lambda **refused: _count(notice_id, **refused))


@desk.post("/notices/<int:notice_id>/withdraw")
@requires("notices.publish")
def withdraw_notice(notice_id: int) -> ResponseReturnValue:
    """Take it off every page, and tell those who were told, with the reason."""

    def do(by: Actor) -> str:
        notice = notice_verbs.lock(notice_id, version=version())
        told = notice_verbs.withdraw(notice, reasons=notice_form.texts(request.form, "reasons"))
        return " ".join((_("Notice withdrawn."), _told(told)))

    return attempt(do, to=f"/desk/notices/{notice_id}", again=lambda **refused: _page(notice_id, **refused))


@desk.post("/notices/<int:notice_id>/remove")
@requires("notices.publish")
def remove_notice(notice_id: int) -> ResponseReturnValue:
    """Drop a notice that was never published."""

    def do(by: Actor) -> str:
        notice_verbs.remove(notice_verbs.lock(notice_id, version=version()))
        return _("Draft deleted.")

    return attempt(do, to="/desk/notices", again=lambda **refused: _page(notice_id, **refused))


def _published(told: int) -> str:
    return " ".join((_("Notice published."), _told(told)))


def _told(told: int) -> str:
    if not told:
        return _("Nobody is told about it.")
    return ngettext("One message is being sent.", "%(num)d messages are being sent.", told)


def _page(
    notice_id: int, *, status: int = 200, errors: dict[str, str] | None = None, refusal: str = ""
) -> ResponseReturnValue:
    notice = notice_verbs.find(notice_id)
    return show(
        "desk/notice.html",
        status,
        nav_current="notices",
        one=notice,
        say=notice_verbs,
        **preview(notice),
        errors=errors or {},
        refusal=refusal,
        typed=request.form,
        key=new_form_key(),
        writes=require().may("notices.publish"),
        languages=notice_form.language_names(),
        labels=notice_form.labels(),
        again=notice_verbs.may_announce_change(notice),
        shown=notice_verbs.is_current(notice),
    )


def _count(
    notice_id: int, *, status: int = 200, errors: dict[str, str] | None = None, refusal: str = ""
) -> ResponseReturnValue:
    notice = notice_verbs.find(notice_id)
    counted = notice_verbs.count_recipients(notice)
    return show(
        "desk/notice_send.html",
        status,
        nav_current="notices",
        one=notice,
        say=notice_verbs,
        **preview(notice),
        counted=counted,
        total=sum(counted.values()),
        errors=errors or {},
        refusal=refusal,
        typed=request.form,
        key=new_form_key(),
        languages=notice_form.language_names(),
        labels=notice_form.labels(),
    )


def _form(
    notice_id: int | None, *, status: int = 200, errors: dict[str, str] | None = None, refusal: str = ""
) -> ResponseReturnValue:
    notice = notice_verbs.find(notice_id) if notice_id is not None else None
    typed: Any = request.form if request.method == "POST" else notice_form.fields(notice)
    return show(
        "desk/notice_form.html",
        status,
        nav_current="notices",
        one=notice,
        say=notice_verbs,
        typed=typed,
        errors=errors or {},
        refusal=refusal,
        key=new_form_key(),
        **notice_form.choices(),
    )
