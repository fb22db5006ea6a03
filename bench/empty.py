"""A Flask application that does nothing: what a detail is measured against."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def nothing():
    """An empty answer."""
    return ""
