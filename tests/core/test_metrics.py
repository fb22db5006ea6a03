"""What Prometheus reads: figures by route, and nothing of anybody."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests import factories
from tests.conftest import ROOT, environment, fresh_database


def figures(text: str) -> dict[str, float]:
    """Sample with its labels → value."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_routes_are_counted_by_their_rule(client, acting, jurisdiction):
    with acting(jurisdiction):
        reference = factories.report().reference
    before = figures(client.get("/metrics").text)
    client.get(f"/r/{reference}")
    client.get(f"/r/{reference}?email=habitant@example.org")
    client.open("/r/x", method="INVENTE")
    page = client.get("/metrics")
    assert page.status_code == 200 and page.mimetype == "text/plain"
    assert reference not in page.text and "habitant" not in page.text and "INVENTE" not in page.text
    name = "alentour_http_request_duration_seconds_count" + str(
        [("method", "GET"), ("status", "200"), ("url_rule", "/r/<reference>")]
    )
    assert figures(page.text)[name] == before.get(name, 0) + 2


@pytest.mark.parametrize(
    ("asker", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("::ffff:192.168.1.9", {}, 200),
        ("fd00::7", {}, 200),
        ("203.0.113.7", {}, 403),
        ("2001:db8::1", {}, 403),
        ("::ffff:203.0.113.7", {}, 403),
        ("", {}, 403),
        # A proxy on the same machine that nobody counts: everybody would come from the machine.
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 403),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 403),
    ],
)
def test_only_the_house_reads_them(client, asker, headers, status):
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": asker}, headers=headers)
    assert answer.status_code == status
    assert ("alentour_http" in answer.text) is (status == 200)


def test_behind_a_proxy_that_is_counted_it_is_the_asker_that_counts(app, client, monkeypatch):
    # As ProxyFix leaves a request: the asker's address is the address, the header stays.
    monkeypatch.setitem(app.config, "TRUSTED_PROXIES", 1)
    for asker, status in (("203.0.113.7", 403), ("10.1.2.3", 200)):
        answer = client.get("/metrics", environ_base={"REMOTE_ADDR": asker}, headers={"X-Forwarded-For": asker})
        assert answer.status_code == status


def test_with_a_token_only_who_shows_it_reads_them(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "a-token-of-some-chance")
    for shown in (None, "Bearer wrong", "Basic a-token-of-some-chance", "Bearer ", "Bearer é"):
        answer = client.get("/metrics", headers={"Authorization": shown} if shown else {})
        assert answer.status_code == 401 and "Bearer" in answer.headers["WWW-Authenticate"]
    right = {"Authorization": "Bearer a-token-of-some-chance"}
    assert client.get("/metrics", headers=right, environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 200


def test_the_workers_of_gunicorn_add_up(migrated, tmp_path):
    """Two workers, one answer: whoever is asked tells of both."""
    with fresh_database("metrics", template=migrated) as database:
        folders = tmp_path / "folders"
        folders.mkdir()
        env = environment(database, tmp_path, TMPDIR=str(folders))
        log = tmp_path / "log"
        with log.open("wb") as out:
            web = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "gunicorn",
                    "app:create_app()",
                    "--bind",
                    "127.0.0.1:0",
                    "--workers",
                    "2",
                    "--worker-class",
                    "gthread",
                    "--threads",
                    "2",
                    "--no-control-socket",
                ],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            url = _address(log)
            for _time in range(40):
                urlopen(f"{url}/healthz").close()
            counted = figures(urlopen(f"{url}/metrics").read().decode())
            assert counted["alentour_http_request_total" + str([("method", "GET"), ("status", "200")])] >= 40
        finally:
            os.killpg(web.pid, signal.SIGTERM)
            web.wait(timeout=20)
    assert not list(folders.glob("alentour-metrics-*")), "the folder of a run goes with it"


def _address(log) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = re.search(r"Listening at: (http://\S+)", log.read_text())
        if found:
            try:
                urlopen(f"{found[1]}/healthz", timeout=5).close()
                return found[1]
            except OSError:
                pass
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])
