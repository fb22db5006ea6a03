"""Other doors in: mails, SMS, and what an agent pastes."""
