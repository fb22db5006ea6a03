"""The jurisdiction acting."""

from tests.reporter.subscriptions.conftest import here  # noqa: F401 - a fixture
