"""Signing in, signing out, passwords and the pages of API tokens (Flask-Security-Too)."""
