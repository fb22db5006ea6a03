"""The delivery policy: one table that says of each kind of message what may make it wait.

Claiming (core.notifications.outbox.delivery_state), waiting (core.notifications.outbox.postponement), postponing
(core.notifications.outbox.delivery_state) and gathering
(core.notifications.outbox.verbs) all read this table and nothing else. A part registers the kinds that it owes in a
function that
`app.py` calls (`register`). docs/channels.md shows the table; a test compares it with the code.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Policy:
    """What holds for the messages of one kind."""

    #: It does not wait for what was owed earlier to the same recipient over the same channel.
    urgent: bool = False
    #: Over a channel that rings (SMS, push) it waits for the end of the jurisdiction's quiet hours.
    quiet: bool = True
    #: It waits for another day once its recipient has got as many messages in 24 hours as the jurisdiction allows.
    limited: bool = True
    #: Who wants one mail a day gets it in that mail.
    digested: bool = False
    #: Its recipients are chosen among confirmed followings only (an author's own report needs no confirmation): the
    #: part that owes it sees to that. Without it, it may be the very question whether an address is somebody's.
    confirmed: bool = False

    def __post_init__(self) -> None:
        if self.urgent and (self.quiet or self.digested):
            raise ValueError("What is urgent waits neither for the morning nor for the digest")
        if not self.limited and not self.urgent:
            raise ValueError("What no limit holds must not wait behind what a limit holds")


#: What holds for a kind that nobody registered: the most cautious way.
DEFAULT = Policy()
#: News that people asked for: told in their order, by day, within the limit.
NEWS = Policy(digested=True, confirmed=True)
#: News that no digest may keep back: its day counts, or work waits for the answer.
NEWS_AT_ONCE = Policy(confirmed=True)
#: What somebody has just asked for and waits for. Limited all the same: anybody may type anybody's address.
ASKED_FOR = Policy(urgent=True, quiet=False)
#: What warns somebody of a stranger's doing: it cannot be held back by making their messages many.
WARNING = Policy(urgent=True, quiet=False, limited=False)
#: An alert to the population: nothing holds it back.
ALERT = Policy(urgent=True, quiet=False, limited=False, confirmed=True)

_POLICIES: dict[str, Policy] = {}


def register(policy: Policy, *kinds: str) -> None:
    """Say what holds for these kinds. Raises ValueError where another policy was registered for one of them."""
    for kind in kinds:
        if _POLICIES.setdefault(kind, policy) != policy:
            raise ValueError(f"Two policies for {kind}")


def policy_of(kind: str) -> Policy:
    """The policy of a kind; DEFAULT for one that nobody registered."""
    return _POLICIES.get(kind, DEFAULT)


def known_policies() -> dict[str, Policy]:
    """Every registered kind with its policy, by name."""
    return dict(sorted(_POLICIES.items()))


def urgent() -> list[str]:
    """The kinds that do not wait for what was owed before them."""
    return [kind for kind, policy in known_policies().items() if policy.urgent]


def never_quiet() -> list[str]:
    """The kinds that do not wait for the morning."""
    return [kind for kind, policy in known_policies().items() if not policy.quiet]


def never_limited() -> list[str]:
    """The kinds that no daily limit holds back."""
    return [kind for kind, policy in known_policies().items() if not policy.limited]


def table_rows() -> list[tuple[str, ...]]:
    """The table for the documentation: a kind, then "yes" or "" for each field of Policy, in their order."""
    names = [field.name for field in fields(Policy)]
    return [
        (kind, *("yes" if getattr(policy, name) else "" for name in names)) for kind, policy in known_policies().items()
    ]
