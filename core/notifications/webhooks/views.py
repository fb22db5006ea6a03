"""/admin/webhooks: the subscriptions, one of them with its delivery log, and what an administrator does with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.database import db
from core.errors import FieldError, FieldErrors, Refused
from core.i18n import gettext as _
from core.i18n import ngettext
from core.notifications.webhooks import delivery, payloads, queries, verbs
from core.notifications.webhooks.models import FAILING, GONE, Webhook
from core.web.access import requires
from core.web.form_fields import answer_form, new_form_key, typed, version
from core.web.idempotency import claim, digest_of
from core.web.principal import require

webhooks = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks")


@webhooks.context_processor
def _words() -> dict[str, Any]:
    return {
        "area": "webhooks",
        "nav_current": "admin",
        "words_of": payloads.kind_label,
        "name_of": _name,
        "why": _why,
        "state_of": _state,
        "answer_of": _answer,
        "error_of": _error,
    }


def _name(webhook: Webhook) -> str:
    """What a page calls a subscription: its label, or the machine it goes to."""
    return webhook.label or urlsplit(webhook.url).hostname or webhook.url


def _why(webhook: Webhook) -> str:
    """Why it is told nothing, in a sentence."""
    if webhook.suspended_why == GONE:
        return _("The receiver answered that it no longer exists (410): nothing is sent there.")
    if webhook.suspended_why == FAILING:
        return _("Too many deliveries in a row failed: nothing is sent there until someone resumes it.")
    return _("A colleague suspended it: nothing is sent there.")


def _state(entry: queries.DeliveryLogEntry) -> tuple[str, str, str]:
    """What became of a delivery: (state whose colour it wears, icon, words)."""
    if entry.status == "sent":
        return "resolved", "check", _("Accepted")
    if entry.status == "dead":
        return "danger", "circle-x", _("Abandoned")
    if entry.status == "dropped":
        return "received", "ban", _("Not sent")
    if entry.tries:
        return "late", "clock", _("Will be tried again")
    return "planned", "send", _("Being sent")


def _answer(status: int | None, answer: str | None) -> str:
    """What the other side said to a try; where it said nothing, why in the reader's language."""
    if status is not None or not answer:
        return answer or ""
    if answer.startswith("not asked"):
        return _("Nothing was sent: the address is inside our own network, or leads nowhere.")
    if answer == "no answer in time":
        return _("No answer within %(seconds)s seconds.", seconds=round(delivery.TIMEOUT_SECONDS))
    return _("No connection could be made.")


def _error(entry: queries.DeliveryLogEntry) -> str:
    """Why a delivery was not sent, where no try says it."""
    if entry.status != "dropped":
        return "" if entry.tried_at else entry.error or ""
    if entry.error == delivery.SUSPENDED:
        return _("The webhook was suspended.")
    return _("This report is not (or no longer) public.")


@webhooks.get("")
@requires("webhooks.manage")
def index() -> ResponseReturnValue:
    """The jurisdiction's subscriptions."""
    return render_template("admin/webhooks.html", found=verbs.list_webhooks())


@webhooks.get("/new")
@requires("webhooks.manage")
def new() -> ResponseReturnValue:
    """The form of a new one."""
    return _form()


@webhooks.post("")
@requires("webhooks.manage")
def create() -> ResponseReturnValue:
    """Make one, and show its secret: in the answer itself, and never again."""
    key = request.form.get("idempotency_key", "")
    target = verbs.look_up(request.form.get("url"))
    try:
        with db.session.begin_nested():
            taken = claim(key, actor=require().actor, digest=digest_of(request.path, *_sent())) if key else None
            if taken is not None and taken.answer is not None:
                return redirect(url_for("webhooks.show", number=taken.answer["id"]), 303)
            made = verbs.create(url=target, label=request.form.get("label"), kinds=_kinds())
            if taken is not None:
                taken.keep({"id": made.id})
    except (FieldError, FieldErrors) as error:
        return _form(status=422, errors=error.fields, typed=_typed())
    except Refused as error:
        return _form(status=error.status, refusal=error.sentence, typed=_typed())
    return _show(made, secret=made.secret), 201


def _sent() -> list[str]:
    return [
        f"{name}={value}"
        for name, value in sorted(request.form.items(multi=True))
        if name not in ("csrf_token", "idempotency_key")
    ]


def _kinds() -> list[str]:
    """The kinds that a form chose: none means all of them. Raises FieldError where some are wanted and none is."""
    if request.form.get("which") != "some":
        return []
    chosen = request.form.getlist("kinds")
    if not chosen:
        raise FieldError("kinds", _("Choose at least one type of event."))
    return chosen


def _typed() -> dict[str, Any]:
    return {**typed(), "kinds": request.form.getlist("kinds")}


def _form(
    webhook: Webhook | None = None,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    refusal: str = "",
    typed: dict[str, Any] | None = None,
) -> tuple[str, int]:
    if typed is None:
        typed = (
            {}
            if webhook is None
            else {
                "url": webhook.url,
                "label": webhook.label,
                "kinds": webhook.kinds,
                "which": "some" if webhook.kinds else "all",
            }
        )
    kinds = [(kind, payloads.kind_label(kind)) for kind in payloads.known_kinds()]
    return render_template(
        "admin/webhook_form.html",
        webhook=webhook,
        kinds=kinds,
        typed=typed,
        key=new_form_key(),
        errors=errors or {},
        refusal=refusal,
    ), status


@webhooks.get("/<int:number>")
@requires("webhooks.manage")
def show(number: int) -> ResponseReturnValue:
    """One of them: how it stands, and its delivery log."""
    return _show(verbs.get_webhook(number))


def _show(webhook: Webhook, *, secret: str = "", refusal: str = "", before: int | None = None) -> str:
    before = before or request.args.get("before", type=int)
    entries = queries.delivery_page(webhook, before=before, most=queries.PAGE + 1)
    more = (
        url_for("webhooks.show", number=webhook.id, before=entries[queries.PAGE - 1].id)
        if len(entries) > queries.PAGE
        else None
    )
    return render_template(
        "admin/webhook.html",
        webhook=webhook,
        secret=secret,
        refusal=refusal,
        entries=entries[: queries.PAGE],
        more_url=more,
        lost=queries.count_undelivered(webhook),
        key=new_form_key(),
        most=delivery.MOST_GIVEN_UP,
        days=delivery.MOST_DAYS,
    )


@webhooks.get("/<int:number>/edit")
@requires("webhooks.manage")
def edit(number: int) -> ResponseReturnValue:
    """The form of one of them."""
    return _form(verbs.get_webhook(number))


@webhooks.post("/<int:number>")
@requires("webhooks.manage")
def change(number: int) -> ResponseReturnValue:
    """Change it."""
    target = verbs.look_up(request.form["url"]) if "url" in request.form else None

    def do() -> str:
        verbs.change(
            verbs.get_webhook(number, lock=True, version=version()),
            url=target,
            label=request.form.get("label"),
            kinds=_kinds(),
        )
        return _("Change saved.")

    return answer_form(
        do,
        to=url_for("webhooks.show", number=number),
        again=lambda **said: _form(verbs.get_webhook(number), typed=_typed(), **said),
    )


def _act(number: int, do: Callable[[Webhook], str], to: str | None = None) -> ResponseReturnValue:
    """Do something to a subscription whose row is locked, and go back to its page."""

    def again(status: int, errors: dict[str, str], refusal: str) -> ResponseReturnValue:
        return _show(verbs.get_webhook(number), refusal=refusal or " ".join(errors.values())), status

    return answer_form(
        lambda: do(verbs.get_webhook(number, lock=True)), again=again, to=to or url_for("webhooks.show", number=number)
    )


@webhooks.post("/<int:number>/ping")
@requires("webhooks.manage")
def ping(number: int) -> ResponseReturnValue:
    """Send a test."""

    def do(webhook: Webhook) -> str:
        verbs.ping(webhook)
        return _("Test sent: its line below shows the response.")

    return _act(number, do)


@webhooks.post("/<int:number>/suspend")
@requires("webhooks.manage")
def suspend(number: int) -> ResponseReturnValue:
    """Tell it nothing for a while."""

    def do(webhook: Webhook) -> str:
        verbs.suspend(webhook)
        return _("It is suspended: nothing is sent there until you resume it.")

    return _act(number, do)


@webhooks.post("/<int:number>/resume")
@requires("webhooks.manage")
def resume(number: int) -> ResponseReturnValue:
    """Tell it again."""

    def do(webhook: Webhook) -> str:
        verbs.resume(webhook)
        return _("It will be notified again from now on.")

    return _act(number, do)


@webhooks.post("/<int:number>/secret")
@requires("webhooks.manage")
def secret(number: int) -> ResponseReturnValue:
    """A new secret, shown in the answer itself, and never again."""
    webhook = verbs.get_webhook(number, lock=True)
    if webhook.version != version():
        return _show(
            webhook, refusal=_("Someone else has changed this webhook in the meantime. Here is the latest version.")
        ), 412
    return _show(webhook, secret=verbs.renew_secret(webhook))


@webhooks.get("/<int:number>/remove")
@requires("webhooks.manage")
def removing(number: int) -> ResponseReturnValue:
    """Whether it is really to be removed."""
    return render_template("admin/webhook_remove.html", webhook=verbs.get_webhook(number))


@webhooks.post("/<int:number>/remove")
@requires("webhooks.manage")
def remove(number: int) -> ResponseReturnValue:
    """Tell it nothing ever again."""

    def do(webhook: Webhook) -> str:
        verbs.remove(webhook)
        return _("Webhook deleted: nothing is sent there any more.")

    return _act(number, do, to=url_for("webhooks.index"))


@webhooks.post("/<int:number>/again")
@requires("webhooks.manage")
def again(number: int) -> ResponseReturnValue:
    """Send all that did not arrive once more."""

    def do(webhook: Webhook) -> str:
        done = verbs.send_again(webhook)
        return ngettext("%(num)d delivery is being sent again.", "%(num)d deliveries are being sent again.", done)

    return _act(number, do)


@webhooks.get("/<int:number>/deliveries/<int:message>")
@requires("webhooks.manage")
def one(number: int, message: int) -> ResponseReturnValue:
    """One delivery: each try, and what it says."""
    webhook = verbs.get_webhook(number)
    entry = queries.one_delivery(webhook, message)
    body = payloads.json_body(queries.message_of(entry))
    shown = json.dumps(json.loads(body), indent=2, ensure_ascii=False) if body else None
    return render_template(
        "admin/webhook_delivery.html",
        webhook=webhook,
        entry=entry,
        tries=queries.tries(entry.id),
        body=shown,
        delivery=payloads.delivery_id(entry.id),
    )


@webhooks.post("/<int:number>/deliveries/<int:message>/again")
@requires("webhooks.manage")
def one_again(number: int, message: int) -> ResponseReturnValue:
    """Send one once more."""

    def do(webhook: Webhook) -> str:
        if not verbs.send_again(webhook, [message]):
            raise Refused(_("This delivery is already being sent."), code="illegal_move")
        return _("The delivery is being sent again.")

    return _act(number, do)
