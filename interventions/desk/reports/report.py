"""One report: what was seen, where, what has been done; and what the desk decides about it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from core import references
from core.database.scope import current_jurisdiction
from core.errors import NotFound
from core.geo import from_lat_lon
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.actor import Actor
from core.notifications.outbox import queries as outbox_queries
from core.text import localized
from core.web.access import requires
from interventions.desk.blueprint import BESIDE, desk, part, show
from interventions.desk.choices import choices
from interventions.desk.form_handling import attempt, figure, new_form_key, version
from interventions.desk.history_lines import channel_word, report_history_lines
from interventions.desk.reports import resident_answers, surroundings
from interventions.desk.rows import first_words, report_rows
from interventions.triage import verbs as triage_verbs
from reporter import sentences
from reporter.reports import detail as report_detail
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.statuses import MOVES

#: Verb of the address → the move whose legality decides whether the form is shown (None: always).
VERBS = {
    "acknowledge": "acknowledge",
    "ask": "ask",
    "heard": None,
    "reject": "reject",
    "merge": "merge",
    "reopen": "reopen",
    "category": None,
    "place": None,
    "note": None,
}


@desk.get("/reports/<reference>")
@requires("reports.read")
def report(reference: str) -> ResponseReturnValue:
    """A report on a page of its own, or beside the list."""
    return show("desk/report.html", nav_current="reports", **about(_understood(reference)))


def _understood(reference: str) -> str:
    found = references.parse_reference(reference)
    if found is None:
        raise NotFound(_("There is no report with that reference."))
    return found


def opened(reference: str) -> dict[str, Any] | None:
    """What is shown beside the list of a report that its address names; None where there is no such one."""
    found = references.parse_reference(reference)
    try:
        return about(found) if found else None
    except NotFound:
        return None


def about(
    reference: str,
    *,
    verb: str | None = None,
    errors: dict[str, str] | None = None,
    refusal: str = "",
    typed: dict[str, str] | None = None,
    seen: int | None = None,
) -> dict[str, Any]:
    """All that a report's page shows. Four statements. Raises NotFound.

    After a refusal: the `verb` that was tried, what was `typed`, the last line of the history then `seen`.
    """
    one = report_detail.report_detail(reference, staff=True)
    history = report_detail.report_history(one.id, staff=True)
    beside = surroundings.surroundings_of(one)
    category = localized(one.category_names, locale_code())
    latest = max((line.id for line in history), default=0)
    return {
        "one": one,
        "around": beside,
        "category_name": category,
        "title": title(one, category),
        "row": report_rows([_as_row(one)])[0],
        "lines": report_history_lines(history, choices(), since=seen),
        "changed": [line for line in report_history_lines(history, choices(), since=seen) if line.fresh],
        "photos": [photo for photo in one.photos if photo["role"] == "seen"],
        "heard": resident_answers.answers_to_read(one, history),
        "heard_title": resident_answers.title(one, history) if one.unread_answer else "",
        "repairs": [photo for photo in one.photos if photo["role"] == "repair"],
        "answers": answers(one),
        "channel": channel_word(one.channel),
        "may": allowed(one),
        "latest": latest,
        "known": choices(),
        "key": new_form_key(),
        "verb": verb,
        "errors": errors or {},
        "refusal": refusal,
        "typed": typed or {},
        "marks": marks(one, beside),
        "first_words": first_words,
        "told": sentences.headline("rejected", one.category_names, one.address),
        "bounds": ",".join(map(str, current_jurisdiction().bounds)),
        "messages": outbox_queries.messages_about([f"report_event:{line.id}" for line in history]),
        "after_verb": part() == BESIDE and request.args.get("done") is not None,
    }


def title(one: Any, category: str) -> str:
    """What a report is called on its page: what and where, as one says it."""
    return _("%(what)s, %(where)s", what=category, where=one.address) if one.address else category


class _Cover:
    """A detail in the shape of a row of the list."""

    def __init__(self, one: Any) -> None:
        self._one = one
        cover = next((photo for photo in one.photos if photo["role"] == "seen"), None)
        self.cover: str | None = cover["token"] if cover else None
        self.cover_status: str | None = cover["status"] if cover else None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._one, name)


def _as_row(one: Any) -> Any:
    return _Cover(one)


def allowed(one: Any) -> dict[str, bool]:
    """Which verbs the report's present state allows."""
    return {verb: move is None or one.status in MOVES[move][0] for verb, move in VERBS.items()}


def answers(one: Any) -> list[tuple[str, str]]:
    """The extra questions of the category and what was answered, in words."""
    locale, told = locale_code(), []
    asked = {question["code"]: question for question in one.questions}
    for code, value in one.answers.items():
        question = asked.get(code, {})
        names = {choice["key"]: localized(choice.get("name"), locale) for choice in question.get("choices", ())}
        values = value if isinstance(value, list) else [value]
        told.append(
            (
                localized(question.get("label"), locale) or code,
                ", ".join(names.get(one_value) or str(one_value) for one_value in values),
            )
        )
    return told


def marks(one: Any, beside: surroundings.Surroundings) -> list[dict[str, Any]]:
    """The report and its neighbours as the small map shows them."""
    locale = locale_code()
    return [{"lat": one.lat, "lon": one.lon, "status": one.status, "own": True}] + [
        {
            "lat": other["lat"],
            "lon": other["lon"],
            "status": other["status"],
            "id": other["reference"],
            "title": first_words(other["description"], 60) or localized(other["names"], locale),
            "url": f"/desk/reports/{other['reference']}",
        }
        for other in beside.neighbours
    ]


@desk.post("/reports/<reference>/<any(acknowledge, ask, heard, reject, merge, reopen, category, place, note):verb>")
@requires("reports.triage")
def decide(reference: str, verb: str) -> ResponseReturnValue:
    """One decision about one report; the second of two people is told what the first changed."""
    reference = _understood(reference)

    def again(status: int, errors: dict[str, str], refusal: str) -> ResponseReturnValue:
        typed = {name: value for name, value in request.form.items()}
        seen = figure(typed.get("seen", "")) if status == 412 else None
        return show(
            "desk/report.html",
            status,
            nav_current="reports",
            **about(reference, verb=verb, errors=errors, refusal=refusal, typed=typed, seen=seen),
        )

    done = "?done=" + verb if part() == BESIDE else ""
    return attempt(lambda by: DO[verb](reference, by), to=f"/desk/reports/{reference}{done}", again=again)


def _locked(reference: str) -> Report:
    return report_intake.lock_report(reference, version=version())


def _acknowledge(reference: str, by: Actor) -> str:
    triage_verbs.acknowledge(_locked(reference), by=by)
    return _("Report %(reference)s acknowledged.", reference=reference)


def _ask(reference: str, by: Actor) -> str:
    triage_verbs.ask(_locked(reference), text=request.form.get("text"), by=by)
    return _("Question sent. Report %(reference)s is waiting for the answer.", reference=reference)


def _heard(reference: str, by: Actor) -> str:
    triage_verbs.mark_answer_read(_locked(reference), by=by)
    return _("Marked as read: report %(reference)s.", reference=reference)


def _reject(reference: str, by: Actor) -> str:
    triage_verbs.reject(_locked(reference), reason=request.form.get("reason"), by=by)
    return _("Report %(reference)s closed. Its followers are being told why.", reference=reference)


def _merge(reference: str, by: Actor) -> str:
    into = request.form.get("other") or request.form.get("into", "")
    triage_verbs.merge(reference, into, by=by, reason=request.form.get("reason"), version=version())
    return _("Report %(reference)s merged with %(into)s.", reference=reference, into=references.parse_reference(into))


def _reopen(reference: str, by: Actor) -> str:
    triage_verbs.reopen(_locked(reference), reason=request.form.get("reason"), by=by)
    return _("Report %(reference)s reopened.", reference=reference)


def _category(reference: str, by: Actor) -> str:
    triage_verbs.correct_category(_locked(reference), category=request.form.get("category"), by=by)
    return _("Category corrected.")


def _place(reference: str, by: Actor) -> str:
    place = from_lat_lon(request.form.get("lat"), request.form.get("lon"))
    triage_verbs.correct_place(_locked(reference), place=place, address=request.form.get("address"), by=by)
    return _("Place corrected.")


def _note(reference: str, by: Actor) -> str:
    triage_verbs.note(_locked(reference), text=request.form.get("text"), by=by)
    return _("Note saved. Only our teams can read it.")


DO = {
    "acknowledge": _acknowledge,
    "ask": _ask,
    "heard": _heard,
    "reject": _reject,
    "merge": _merge,
    "reopen": _reopen,
    "category": _category,
    "place": _place,
    "note": _note,
}
