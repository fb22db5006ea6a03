"""Mails and SMS that come in, and what an agent pastes."""
