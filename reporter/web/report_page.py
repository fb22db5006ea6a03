"""The page of one report: how it stands, before and after, what comes next, what was. It names no agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from core import references
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.contacts import available_channels
from core.notifications.push.keys import public_key as push_key
from core.text import localized
from core.web.access import ANYONE, requires
from reporter import sentences, subscriptions
from reporter.feedback.form_input import FeedbackForm
from reporter.reports import detail as report_detail
from reporter.statuses import CLOSED
from reporter.web import answer_cache, author_cookie, feedback_context
from reporter.web.blueprint import reporter

#: Which state's colour and icon a line of the history wears: (state, icon of its own).
DOTS = {
    "day_changed": ("planned", "calendar-clock"),
    "made_safe": ("danger", "shield"),
    "started": ("in_progress", None),
    "work_finished": ("in_progress", "check"),
    "reopened": ("acknowledged", "undo-2"),
    "question": ("waiting", None),
    "category_changed": ("received", "tag"),
    "place_changed": ("received", "map-pin"),
    "photo_added": ("received", "camera"),
    "joined": ("received", "users"),
    "answered": ("received", "reply"),
    "confirmed": ("resolved", "thumbs-up"),
    "commented": ("received", "message-square"),
}


@dataclass(frozen=True)
class HistoryLine:
    """One line of the history, ready to be shown."""

    state: str
    picture: str | None
    title: Markup
    words: str
    when: datetime
    link: str | None


@reporter.get("/r/<reference>")
@requires(ANYONE)
def report(reference: str) -> ResponseReturnValue:
    """Follow one report. `?key=` is the author's signed link: it becomes a cookie and leaves the address."""
    known = references.parse_reference(reference)
    if known is None:
        raise NotFound(_("There is no report with that reference."))
    if known != reference:
        return redirect(url_for("reporter.report", reference=known), 301)
    key = request.args.get("key")
    if key:
        return _exchange(known, key)
    return show(known)


def _exchange(reference: str, key: str) -> BaseResponse:
    row = report_detail.report_detail(reference, see_private=True)
    good = subscriptions.opens_report(key, row.id)
    if row.private and not good and not author_cookie.is_author(reference, row.id):
        # As where there is none: a key that opens nothing must not tell that there is something to open.
        raise NotFound(_("There is no report of that reference."))
    answer = redirect(url_for("reporter.report", reference=reference), 303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return author_cookie.remember_report(answer, key) if good else answer


def show(
    reference: str,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    addition: FeedbackForm | None = None,
) -> Response:
    """The page, with a refused request to follow, or a refused answer or comment, in it where there is one (422).

    At most four statements; for the author, who may be asked something, two more.
    """
    if errors is None and addition is None and answer_cache.is_anonymous_reader():
        found = report_detail.report_version(reference)
        if found is not None and not found.private:
            return Response(
                _pages.answer(
                    answer_cache.cache_key(found), lambda: _render(report_detail.report_detail(reference), mine=False)
                )
            )
    row = report_detail.report_detail(reference, see_private=True)
    mine = author_cookie.is_author(reference, row.id)
    if row.private and not mine:
        raise NotFound(_("There is no report with that reference."))
    html = _render(row, mine=mine, errors=errors, typed=typed, addition=addition)
    answer = Response(html, status=422 if errors or addition else 200)
    if mine:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer


_pages: answer_cache.AnswerCache[str] = answer_cache.AnswerCache()


def _render(
    row: Any,
    *,
    mine: bool,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    addition: FeedbackForm | None = None,
) -> str:
    lines = report_detail.report_history(row.id, mine=mine)
    planned = _day_planned(row.status, lines)
    photos = [one for one in row.photos if mine or one["status"] != "refused"]
    repair = [one for one in photos if one["role"] == "repair"]
    return render_template(
        "reporter/report.html",
        report=row,
        mine=mine,
        told=subscriptions.author_channels(row.id) if mine else [],
        channels=available_channels(),
        push_key=push_key(),
        back=feedback_context.feedback_context(row, lines, mine=mine, typed=addition),
        lines=[_history_line(line, mine) for line in lines],
        errors=errors or {},
        typed=typed or {},
        title=sentences.headline(row.status, row.category_names, row.public_address, day_planned=planned, mine=mine),
        next_step=sentences.next_step(row.status, due_at=row.due_at, day_planned=planned, mine=mine),
        seen=[one for one in photos if one["role"] == "seen"],
        repair=repair,
        description=row.description if mine else row.public_description,
        answers=_answers(row, mine),
        closed=row.status in CLOSED,
        repaired_on=datetime.fromisoformat(repair[-1]["at"]) if repair else None,
        preparing=any(one["status"] == "processing" for one in photos),
    )


def _day_planned(status: str, lines: list[report_detail.HistoryRow]) -> datetime | None:
    """The day that holds now, as the history last said it."""
    if status != "planned":
        return None
    last = next((line for line in lines if line.kind in ("planned", "day_changed")), None)
    start = last.facts.get("start") if last else None
    return datetime.fromisoformat(start) if start else None


def _history_line(line: report_detail.HistoryRow, mine: bool) -> HistoryLine:
    state, picture = DOTS.get(line.kind, (line.kind, None))
    other = line.facts.get("into") or line.facts.get("reference")
    title = escape(sentences.event_title(line.kind, line.facts, mine=mine))
    if other:
        # A reference is never cut in two at the end of a line.
        title = title.replace(escape(other), Markup('<span class="reference">{}</span>').format(other))
    link = url_for("reporter.report", reference=other) if line.kind == "merged" and other else None
    return HistoryLine(state, picture, title, line.words or "", line.occurred_at, link)


def _answers(row: Any, mine: bool) -> list[tuple[str, str]]:
    """(question, answer) in words; what strangers wrote freely without addresses and numbers of persons."""
    found, answers = [], row.answers if mine else row.public_answers
    for question in row.questions:
        value = answers.get(question["code"])
        if value is None:
            continue
        names = {one["key"]: localized(one["name"], locale_code()) for one in question.get("choices", ())}
        values = value if isinstance(value, list) else [value]
        words = ", ".join(names.get(str(one), str(one)) for one in values)
        found.append((localized(question["label"], locale_code()), words))
    return found
