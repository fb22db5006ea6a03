"""The events of a report that a webhook may tell of, with what an administrator calls them."""

from __future__ import annotations

from core.i18n import lazy_gettext

#: Kinds of event of a report's public history, with what an administrator calls them.
REPORT_EVENT_KINDS = {
    "received": lazy_gettext("A report is received"),
    "acknowledged": lazy_gettext("The services have seen it"),
    "category_changed": lazy_gettext("It is put under another category"),
    "place_changed": lazy_gettext("Its place is corrected"),
    "question": lazy_gettext("A question is asked of who sent it"),
    "planned": lazy_gettext("A date is announced"),
    "day_changed": lazy_gettext("The announced day changes"),
    "started": lazy_gettext("The work begins"),
    "made_safe": lazy_gettext("The place is made safe"),
    "work_finished": lazy_gettext("Part of the work is done"),
    "resolved": lazy_gettext("It is repaired"),
    "rejected": lazy_gettext("It is closed without work"),
    "transferred": lazy_gettext("It is passed on to another body"),
    "merged": lazy_gettext("It is joined to another report"),
    "joined": lazy_gettext("Another report is joined to it"),
    "reopened": lazy_gettext("It is open again"),
    "confirmed": lazy_gettext("A resident confirms the repair"),
    "photo_added": lazy_gettext("A photo is added"),
    "commented": lazy_gettext("A resident comments on it"),
}
