"""The signed words that come back: of a reply's address, and of the link that completes what came in."""

from __future__ import annotations

from core import signed_numbers

REPLY, COMPLETE = "reply", "arrival"
#: How long a mail may be answered, and how long what is incomplete may be completed, in days.
REPLY_DAYS, COMPLETE_DAYS = 400, 30


def reply_word(subscription_id: int) -> str:
    """The word of the address that a follower's replies come back to: it opens nothing else."""
    return signed_numbers.sign_numbers(REPLY, subscription_id, days=REPLY_DAYS)


def subscription_of_reply(word: str) -> int:
    """The follower's id whose reply address holds `word`. Raises Refused (bad_link)."""
    return signed_numbers.read_numbers(REPLY, word)[0]


def complete_word(inbound_id: int) -> str:
    """The word of the link by which whoever wrote completes their report."""
    return signed_numbers.sign_numbers(COMPLETE, inbound_id, days=COMPLETE_DAYS)


def message_of_link(word: str) -> int:
    """The arrival's id that `word` completes. Raises Refused (bad_link)."""
    return signed_numbers.read_numbers(COMPLETE, word)[0]
