"""What the document says of each operation: one sentence to find it by, and what else there is to know."""

from __future__ import annotations

from core.web.states import N_

#: operationId → (summary, description)
OPERATIONS: dict[str, tuple[str, str]] = {
    "getCategories": (
        N_("List the categories"),
        N_("In the order in which they are offered; all of them, in one page."),
    ),
    "getCategory": (
        N_("Get a category"),
        "",
    ),
    "postPhotos": (
        N_("Send a photo"),
        N_(
            "As a form's file, or as the body itself. It is shown once it has been processed: upright,"
            " without its metadata. Nobody sees it before, and what nothing has named within a day is "
            "thrown away."
        ),
    ),
    "getOnePhoto": (
        N_("Get the state of a photo"),
        "",
    ),
    "getReports": (
        N_("List reports"),
        N_(
            "Newest first unless sorted otherwise, a page at a time: `next` is the cursor of the page "
            "that follows. The public reads public reports; the desk reads those in its charge as "
            "well, and private ones."
        ),
    ),
    "postReports": (
        N_("Send a report"),
        N_(
            "As JSON, with the ids of photos sent before; or as a form, with the photos themselves. "
            "Photos of a form that is refused are kept: the answer's `photos` are their ids, to be "
            "sent again in place of the files."
        ),
    ),
    "getNearby": (
        N_("List open reports near a place"),
        N_("Nearest first: ask before sending one more of the same."),
    ),
    "getOneReport": (
        N_("Get a report"),
        "",
    ),
    "correctReport": (
        N_("Correct a report"),
        N_("Its category, its place, its address; what is left out stays."),
    ),
    "getEvents": (
        N_("List what happened to a report"),
        N_("The newest first. The public reads what is public, and no name; the desk reads all of it."),
    ),
    "acknowledgeReport": (
        N_("Acknowledge a report"),
        N_("The services have seen it."),
    ),
    "askReport": (
        N_("Ask the person who reported it a question"),
        N_(
            "Its author alone is told. The report is `waiting` until the answer comes, or the town's delay is over; "
            "then it is what it was before."
        ),
    ),
    "rejectReport": (
        N_("Reject a report"),
        N_("No further action; its author and followers are told why. Refused while work is under way."),
    ),
    "mergeReport": (
        N_("Merge a report into another"),
        N_("The other report, about the same problem, is kept; followers of this one get its updates."),
    ),
    "noteReport": (
        N_("Write an internal line"),
        N_("Only our teams can read it."),
    ),
    "reopenReport": (
        N_("Reopen a closed report"),
        N_("Its followers are told."),
    ),
    "getWorkOrders": (
        N_("List work orders"),
        N_("Newest first unless sorted otherwise, a page at a time. An agent reads what is theirs."),
    ),
    "postWorkOrders": (
        N_("Create a work order"),
        N_(
            "It is `ready`, or `awaiting_approval` where reception asks for it. With a `start` it is scheduled at once."
        ),
    ),
    "getOneWorkOrder": (
        N_("Get a work order"),
        "",
    ),
    "correctWorkOrder": (
        N_("Correct a work order"),
        N_("Its title, instructions, priority; to whom it is given. What is left out stays."),
    ),
    "approveWorkOrder": (
        N_("Approve work that reception asked for"),
        "",
    ),
    "scheduleWorkOrder": (
        N_("Put work on a day"),
        N_(
            "And assign it to a team or an agent, if named. Residents are told the date when it is announced; if an "
            "announced date changes, they are told straight away, with the reason."
        ),
    ),
    "announceWorkOrder": (
        N_("Tell the residents the planned day"),
        "",
    ),
    "startWorkOrder": (
        N_("Begin the work"),
        N_("Also before its planned day."),
    ),
    "holdWorkOrder": (
        N_("Interrupt the work"),
        "",
    ),
    "resumeWorkOrder": (
        N_("Go on with the work"),
        "",
    ),
    "refuseWorkOrder": (
        N_("Say that the work cannot be done"),
        N_("It goes back to the supervisor without a date; an announced date is withdrawn, and followers are told."),
    ),
    "finishWorkOrder": (
        N_("Finish the work"),
        N_("With a comment, photos and the time spent; a photo is needed only where the category asks for one."),
    ),
    "verifyWorkOrder": (
        N_("Accept finished work"),
        "",
    ),
    "returnWorkOrder": (
        N_("Return finished work"),
        N_("It needs redoing: its reports are reopened, and their followers are told."),
    ),
    "cancelWorkOrder": (
        N_("Cancel the work"),
        "",
    ),
    "getTeams": (
        N_("List the teams"),
        "",
    ),
    "getOneTeam": (
        N_("Get a team"),
        "",
    ),
    "getMessages": (
        N_("List messages"),
        N_("The newest first: to residents, colleagues and programs. Nobody is named."),
    ),
    "retryMessage": (
        N_("Try a message again"),
        N_("One that was given up, with all its tries."),
    ),
    "getWebhooks": (
        N_("List the webhooks"),
        N_("The newest first; all of them, in one page."),
    ),
    "postWebhooks": (
        N_("Make a webhook"),
        N_("The answer holds its `secret`, and no other one does."),
    ),
    "getOneWebhook": (
        N_("Get a webhook"),
        "",
    ),
    "changeWebhook": (
        N_("Change a webhook"),
        N_("Its address, its name, the kinds of event; what is left out stays."),
    ),
    "removeWebhook": (
        N_("Remove a webhook"),
        N_("Nothing is sent there any more, not even what is waiting."),
    ),
    "suspendWebhook": (
        N_("Suspend a webhook"),
        N_("What happens meanwhile, and what it is still owed, is not sent: catch up with `updated_since`."),
    ),
    "resumeWebhook": (
        N_("Resume a webhook"),
        N_("It is told what happens from now on."),
    ),
    "secretWebhook": (
        N_("Make a new secret"),
        N_("The answer holds it. For a day deliveries are signed with the former one as well."),
    ),
    "pingWebhook": (
        N_("Send a test"),
        N_("A delivery of type `ping`, without data; also while it is suspended."),
    ),
    "redeliverWebhook": (
        N_("Send deliveries again"),
        N_("Those named, or all that did not arrive; each under the name it had."),
    ),
    "getDeliveries": (
        N_("List what a webhook was sent"),
        N_("The newest first, with the last try of each."),
    ),
    "getNotices": (
        N_("List the notices"),
        N_("Current and upcoming notices, earliest first. As GeoJSON, with their areas and lines."),
    ),
    "getSectors": (
        N_("List the sectors"),
        N_("As GeoJSON, with their boundaries."),
    ),
    "getOneSector": (
        N_("Get a sector"),
        N_("By its code, or `layer:code` where two layers use the same one."),
    ),
}
