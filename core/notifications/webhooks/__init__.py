"""Webhooks: news for other programs, signed, without anything personal."""
