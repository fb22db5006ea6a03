"""What the tests of core share."""

from __future__ import annotations

import pytest

from tests.s3_server import Weed


@pytest.fixture(scope="session")
def weed(tmp_path_factory):
    """A real S3 server. A test that kills it starts it again."""
    server = Weed(tmp_path_factory.mktemp("weed"))
    server.start()
    yield server
    server.kill()
