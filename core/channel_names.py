"""The names of the channels by which messages leave: those that people choose among, and webhooks."""

from __future__ import annotations

#: The channels that people choose among; webhooks are chosen by an administrator.
MAIL, SMS, PUSH, WEBHOOK = "mail", "sms", "push", "webhook"
PERSONAL = (MAIL, SMS, PUSH)
