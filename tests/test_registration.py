"""Nothing takes effect by being imported (DESIGN §2): what registers itself does so in a function that app.py calls."""

import ast
import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT, environment

FLOORS = ("core", "reporter", "interventions", "api", "demo")
#: Every module of the floors. The package's `python -m` command runs when it is imported.
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for floor in FLOORS
    for path in (ROOT / floor).rglob("*.py")
    if path.name != "__main__.py"
)

#: What follows runs in a process of its own. `seen()` says what every registry holds.
SEEN = """
import importlib, json, sys
import blinker
import sqlalchemy.event.api
from PIL import Image

connected = []


def recorded(listen, target_of):
    def inner(*args, **kwargs):
        caller = sys._getframe(1)
        while caller.f_globals["__name__"].startswith(("sqlalchemy.event", "blinker")):
            caller = caller.f_back
        if caller.f_globals["__name__"].partition(".")[0] in {floors}:
            connected.append(caller.f_globals["__name__"] + ": " + target_of(*args))
        return listen(*args, **kwargs)
    return inner


sqlalchemy.event.api.listen = sqlalchemy.event.listen = recorded(
    sqlalchemy.event.listen, lambda target, name, *_: repr(target) + " " + name)
blinker.Signal.connect = recorded(blinker.Signal.connect, lambda signal, *_: repr(signal))
pixels = Image.MAX_IMAGE_PIXELS

for module in {modules}:
    importlib.import_module(module)

from core.web import access as audience, states; from core import jobs
from core.notifications.outbox import digest, renderers as kinds, policy
from core.photos import access as visible
from core.notifications.webhooks import payloads as bodies
from reporter.reports import history
from reporter.subscriptions import kinds as followed


def name(func):
    return func.__module__ + "." + func.__qualname__


def seen():
    return {{
        "renderers": {{kind: name(func) for kind, func in kinds._RENDERERS.items()}},
        "words of messages": sorted(kinds._WORDS),
        "policies": {{kind: repr(one) for kind, one in policy._POLICIES.items()}},
        "sweeps": [[name(one.func), one.seconds] for one in jobs.SWEEPS],
        "payload makers": {{kind: name(func) for kind, func in bodies._MAKERS.items()}},
        "words of webhooks": list(bodies._WORDS),
        "kinds of following": {{kind: type(one).__name__ for kind, one in followed._KINDS.items()}},
        "photo rules": [name(rule) for rule in visible.rules],
        "public photo rules": [name(rule) for rule in visible.public_rules],
        "states": sorted(states.STATES),
        "subscribers": {{kind: [name(one) for one in them] for kind, them in history._subscribers.items()}},
        "endpoints of others": sorted(audience._ENDPOINTS),
        "link of the digest": [name(digest._stop)] if digest._stop else [],
        "listeners and signals": list(connected),
        "limits of Pillow": [] if Image.MAX_IMAGE_PIXELS == pixels else [Image.MAX_IMAGE_PIXELS],
    }}


said = [seen()]
for _time in range(2):
    importlib.import_module("app").create_app()
    said.append(seen())
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def registries(tmp_path_factory):
    """What every registry holds: after every module was imported, after one application was made, after two."""
    code = SEEN.format(floors=FLOORS, modules=MODULES)
    env = environment("postgresql://nobody@localhost/none", tmp_path_factory.mktemp("settings"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=env, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_importing_registers_nothing(registries):
    imported, _once, _twice = registries
    assert {name: found for name, found in imported.items() if found} == {}


def test_the_application_registers_everything(registries):
    _imported, once, _twice = registries
    assert [name for name, found in once.items() if not found] == []
    assert {line.partition(":")[0] for line in once["listeners and signals"]} >= {
        "core.database",
        "core.sign_in.security",
    }


def test_a_second_application_changes_no_registry(registries):
    _imported, once, twice = registries
    # Signals are connected for each application; a session's listeners are not.
    of_the_process = [
        [line for line in found.pop("listeners and signals") if "blinker" not in line] for found in (once, twice)
    ]
    assert once == twice
    assert of_the_process[0] == of_the_process[1] != []


def test_no_module_calls_anything_for_its_effect():
    """A call that stands alone at the top of a module is a registration; routes on a blueprint, an object of ours that
    app.py registers, are none."""
    allowed = {"docs.add_app_template_filter", "routes_for_verbs", "work_order.routes_for_verbs"}
    found = [
        f"{module}:{node.lineno} {ast.unparse(node.value.func)}"
        for module in MODULES
        for node in ast.parse(_source(module)).body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) not in allowed
    ]
    assert found == []


def _source(module: str) -> str:
    path = ROOT.joinpath(*module.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text("utf-8")


def test_a_sweep_has_one_period(monkeypatch):
    from core import jobs

    def sweep() -> None:
        """Nothing."""

    monkeypatch.setattr(jobs, "SWEEPS", [])
    jobs.register_sweep(sweep, seconds=60)
    jobs.register_sweep(sweep, seconds=60)
    assert [(one.func, one.seconds) for one in jobs.SWEEPS] == [(sweep, 60)]
    with pytest.raises(ValueError, match="two periods"):
        jobs.register_sweep(sweep, seconds=30)


def test_a_kind_of_message_has_one_renderer(monkeypatch):
    from core.i18n import lazy_gettext
    from core.notifications.outbox import renderers

    monkeypatch.setattr(renderers, "_RENDERERS", {})
    monkeypatch.setattr(renderers, "_WORDS", {})

    def renderer(message):
        """Nothing to say."""

    words = lazy_gettext("Test")
    renderers.register_renderer(renderer, "test.one", "test.two", words=words)
    renderers.register_renderer(renderer, "test.two", words=words)
    assert set(renderers._RENDERERS) == {"test.one", "test.two"}
    with pytest.raises(ValueError, match="test.two"):
        renderers.register_renderer(lambda message: None, "test.two", words=words)


def test_a_name_is_one_kind_of_following(monkeypatch):
    from reporter.subscriptions import kinds as subscription_kinds
    from reporter.subscriptions.reports import REPORTS, ReportSubscriptions

    monkeypatch.setattr(subscription_kinds, "_KINDS", {})
    subscription_kinds.register(REPORTS)
    subscription_kinds.register(REPORTS)
    assert subscription_kinds.all_kinds() == [REPORTS]
    with pytest.raises(ValueError, match="report"):
        subscription_kinds.register(ReportSubscriptions())


def test_a_kind_of_event_has_one_maker(monkeypatch):
    from core.notifications.webhooks import payloads

    monkeypatch.setattr(payloads, "_MAKERS", {})
    monkeypatch.setattr(payloads, "_WORDS", {})
    payloads.init_app(None)
    payloads.init_app(None)
    with pytest.raises(ValueError, match="ping"):
        payloads.register_payload(lambda message: None, {"ping": "Test"})


def test_a_digest_has_one_link_that_stops_it(monkeypatch):
    from core.notifications.outbox import digest

    def link(contact_id: int) -> str:
        return f"/stop/{contact_id}"

    monkeypatch.setattr(digest, "_stop", None)
    digest.register_stop_link(link)
    digest.register_stop_link(link)
    with pytest.raises(ValueError):
        digest.register_stop_link(lambda contact_id: "")
