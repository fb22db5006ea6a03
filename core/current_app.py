"""The application itself, behind Flask's proxy."""

from __future__ import annotations

from flask import Flask, current_app


def current_application() -> Flask:
    """The application that is being served itself, for what outlives the context: a thread, a registration."""
    return current_app._get_current_object()  # type: ignore[attr-defined]  # Flask declares its proxy as a Flask
