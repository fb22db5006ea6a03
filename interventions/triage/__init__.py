"""Triage: what the desk decides about reports, and to which team they go."""
