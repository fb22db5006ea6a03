"""The mailbox that is read: mails parsed with suspicion, bounces, replies, new reports."""
