"""Who may ask for what: every route of the map, by every method, as everybody, against its declaration."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.views import MethodView
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter, FloatConverter, IntegerConverter, UUIDConverter

from core.database import READ_ONLY_ENGINE, db, utcnow
from core.identity import permissions
from core.identity.actor import Actor
from core.web import access as web_access
from core.web.access import ANYONE, ROLES, UndeclaredAccess, access_of, permission_of
from interventions.planning import verbs as planning_verbs
from tests import factories

#: Anybody may ask, and the answer leads to the sign-in page by its very purpose.
LEADS_TO_SIGNING_IN = {"site.landing", "security.logout"}
#: Anybody's pages with a form whose token needs a session.
NEEDS_A_SESSION = {"security.login", "security.forgot_password", "security.reset_password"}
#: What a person does with a password or with tokens is not for a token.
NOT_FOR_TOKENS = {
    "security.change_password",
    "tokens.own",
    "tokens.make",
    "tokens.end",
    "tokens.everybodys",
    "tokens.end_anybodys",
}
#: Anywhere in a statement: a common table expression writes too. An upsert and a row lock are found by their verb.
WRITING = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?\S+(\s+AS)?(\s+\w+)?\s+SET|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|nextval|setval|"
    r"FOR\s+(NO\s+KEY\s+)?UPDATE|FOR\s+(KEY\s+)?SHARE)\b",
    re.IGNORECASE,
)
NOWHERE = "00000000-0000-4000-8000-000000000000"


@dataclass
class Asker:
    """Somebody who asks: what they send along, and the role they have in the jurisdiction that is asked (if any)."""

    role: str | None = None
    session: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, app: Flask, method: str, address: str):
        """One request, from a browser that has nothing but this asker's session."""
        client = app.test_client()
        if self.session:
            client.set_cookie("session", self.session)
        return client.open(address, method=method, headers=self.headers)

    def may(self, allowed: frozenset[str], rule: Rule) -> bool | None:
        """What the declaration says for this asker; None where either answer is right."""
        if rule.endpoint in LEADS_TO_SIGNING_IN:
            return None
        machine = rule.rule.startswith("/api/")
        if ANYONE in allowed:
            # A token that is no good here may be refused even there: its bearer believes to be somebody.
            return None if machine and self.headers and self.role is None else True
        if machine and self.session or self.headers and rule.endpoint in NOT_FOR_TOKENS:
            return False
        return self.role in allowed


def address_of(rule: Rule, known: dict[str, str]) -> str:
    """An address of the rule: of what is `known` by the names of its parts, of nothing for the others."""
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if name in known and not isinstance(converter, IntegerConverter | FloatConverter):
            values[name] = known[name]
        elif isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
        elif isinstance(converter, UUIDConverter):
            values[name] = NOWHERE
        elif isinstance(converter, IntegerConverter | FloatConverter):
            values[name] = 1
        else:
            values[name] = "x"
    return rule.build(values, append_unknown=False)[1]


def refused(answer) -> bool:
    """Whether an answer turns its asker away rather than saying anything of what was asked."""
    to_sign_in = answer.status_code in (301, 302, 303) and answer.location.split("?")[0].endswith("/login")
    return to_sign_in or answer.status_code in (401, 403)


def writes(statement: str) -> bool:
    """Whether a statement writes or locks, at its head or anywhere inside; what stands in quotes aside."""
    return WRITING.search(re.sub(r"'(?:[^']|'')*'|--[^\n]*", "", statement)) is not None


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("WITH gone AS (DELETE FROM comment WHERE id = 1 RETURNING id) SELECT count(*) FROM gone", True),
        ("WITH made AS (\n INSERT INTO event VALUES (1) RETURNING id) SELECT id FROM made", True),
        ('  UPDATE ONLY "user" AS u SET name = %(name)s', True),
        ("SELECT id FROM report WHERE reference = 'x' FOR UPDATE OF report", True),
        ("SELECT nextval('message_id_seq')", True),
        ("SELECT updated_at, 'DELETE FROM report' FROM report", False),
        ("SELECT insert_date FROM report -- UPDATE report SET status\n WHERE id = 1", False),
    ],
)
def test_a_write_is_seen_wherever_it_stands_in_a_statement(statement, found):
    assert writes(statement) is found


@pytest.fixture
def known(acting, jurisdiction) -> dict[str, str]:
    """A report and the work for it, scheduled for the agent's team: what routes ask for by these names."""
    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        report = factories.report()
        order = factories.work_order(report)
        planning_verbs.schedule(order, start=utcnow(), team="voirie", by=by)
        db.session.commit()
        return {"reference": report.reference, "number": order.number}


@pytest.fixture
def asker(app, acting, jurisdiction, request) -> Asker:
    """The asker of the test: "nobody", "session of reception", "token of agent elsewhere"…"""
    kind, _of, who = request.param.partition(" of ")
    if kind == "nobody":
        return Asker()
    role, _space, elsewhere = who.partition(" ")
    at = jurisdiction
    if elsewhere:
        with acting():
            at = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    found = Asker(role=None if elsewhere else role)
    with acting(at):
        if kind == "token":
            found.headers = {"Authorization": f"Bearer {factories.token(role)}"}
            return found
        known = factories.session_of(factories.user(role))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = known, True
    found.session = client.get_cookie("session").value
    return found


ASKERS = [
    "nobody",
    *(f"session of {role}" for role in ROLES),
    "session of supervisor elsewhere",
    *(f"token of {role}" for role in ROLES),
    "token of supervisor elsewhere",
]


@pytest.mark.parametrize("asker", ASKERS, indirect=True, ids=lambda name: name.replace(" ", "-"))
def test_every_route_keeps_to_its_declaration(app, asker, known):
    wrong, asked = [], 0
    # Signing out comes last: it ends the session for good.
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint == "security.logout"):
        address = address_of(rule, known)
        for method in sorted(rule.methods - {"OPTIONS"}):
            allowed = access_of(app, rule.endpoint, method)
            answer = asker.ask(app, method, address)
            asked += 1
            if asker.may(allowed, rule) == refused(answer) or answer.status_code >= 500:
                wrong.append(f"{method} {address} answered {answer.status_code}, is for {sorted(allowed)}")
    assert asked > 100
    assert not wrong, "\n".join(wrong)


def test_options_say_what_can_be_asked_and_nothing_else(app, known):
    for rule in app.url_map.iter_rules():
        answer = Asker().ask(app, "OPTIONS", address_of(rule, known))
        assert answer.status_code in (200, 204) and not answer.data, rule.rule


@pytest.mark.parametrize(
    "asker",
    ["nobody", "session of administrator", "token of administrator"],
    indirect=True,
    ids=lambda name: name.replace(" ", "-"),
)
def test_what_only_asks_changes_nothing(app, asker, known, monkeypatch):
    """The database refuses a write of the reading engine, whatever its words; nothing else may be asked."""
    committed, elsewhere, refusals = [], [], []
    monkeypatch.setattr(Session, "commit", lambda _session: committed.append(1))

    def hear(_connection, _cursor, statement, *_more):
        elsewhere.append(statement)

    def complain(context):
        refusals.append(context.original_exception)

    with app.app_context():
        writing, reading = db.engine, db.get_engine(READ_ONLY_ENGINE)
    with listening(writing, "before_cursor_execute", hear), listening(reading, "handle_error", complain):
        for rule in app.url_map.iter_rules():
            for method in rule.methods & {"GET", "HEAD"}:
                asker.ask(app, method, address_of(rule, known))
                assert not committed, f"{method} {rule.rule} commits"
                assert not elsewhere, f"{method} {rule.rule} asks the engine that writes: {elsewhere[0][:80]}"
                assert not refusals, f"{method} {rule.rule}: {refusals[0]}"


@contextmanager
def listening(engine: sa.Engine, name: str, hear: Callable) -> Iterator[None]:
    """Hear an engine's events of that name meanwhile."""
    sa.event.listen(engine, name, hear)
    try:
        yield
    finally:
        sa.event.remove(engine, name, hear)


def test_a_public_page_that_only_shows_sets_no_cookie(app, known):
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint not in NEEDS_A_SESSION:
            answer = Asker().ask(app, "GET", address_of(rule, known))
            assert not answer.headers.getlist("Set-Cookie"), rule.rule


@pytest.mark.parametrize("asker", ["session of administrator"], indirect=True, ids=["administrator"])
def test_no_form_works_without_its_token_for_who_is_signed_in(app, asker, known, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for rule in app.url_map.iter_rules():
        for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            if ANYONE in access_of(app, rule.endpoint, method) or rule.rule.startswith("/api/"):
                continue
            answer = asker.ask(app, method, address_of(rule, known))
            assert answer.status_code == 400, f"{method} {rule.rule} answered {answer.status_code}"


def test_a_route_without_an_audience_does_not_start(app):
    bare = Flask("bare", static_folder=None)

    @bare.get("/declared")
    @web_access.requires(ANYONE)
    def declared():
        return ""

    @bare.post("/bare")
    def undeclared():
        return ""

    class Half(MethodView):
        @web_access.requires(ANYONE)
        def get(self):
            return ""

        def delete(self):
            return ""

    bare.add_url_rule("/half", view_func=Half.as_view("half"))
    with pytest.raises(UndeclaredAccess) as error:
        web_access.check_all(bare)
    assert "POST /bare" in str(error.value) and "DELETE /half" in str(error.value)
    assert "/declared" not in str(error.value) and "GET /half" not in str(error.value)
    web_access.check_all(app)


@pytest.mark.parametrize("wrong", ["", "mayor", "supervisor", "reports.bury"])
def test_an_audience_is_anybody_or_a_permission_of_the_table(wrong):
    with pytest.raises(UndeclaredAccess):
        web_access.requires(wrong)
    with pytest.raises(UndeclaredAccess):
        web_access.declare("somewhere", wrong)


def test_the_administrator_may_do_what_any_role_may(app):
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            allowed = access_of(app, rule.endpoint, method)
            assert ANYONE in allowed or permissions.ADMINISTRATOR in allowed, rule.rule


def test_a_role_is_one_of_the_memberships(migrated, app, acting, jurisdiction):
    """What the code calls a role is what the database accepts as one."""
    from core.identity.models import Membership

    with acting(jurisdiction):
        known = factories.user("reception").id
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.update(Membership).where(Membership.user_id == known).values(role="mayor"))
        db.session.rollback()


# --- the table of permissions

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("core", "reporter", "interventions", "api", "demo")
TABLE_FILE = ROOT / "core" / "identity" / "permissions.py"


def _sources() -> list[Path]:
    return [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if path != TABLE_FILE]


def _compares_roles(node: ast.Compare) -> bool:
    """Whether something called role is compared with the name of one, or with its constant."""
    inside = list(ast.walk(node))
    names = {
        one.id if isinstance(one, ast.Name) else one.attr for one in inside if isinstance(one, ast.Name | ast.Attribute)
    }
    said = names & {role.upper() for role in ROLES} or any(
        isinstance(one, ast.Constant) and one.value in ROLES for one in inside
    )
    return bool(said) and any("role" in name.lower() for name in names)


def _role_comparisons(source: str) -> list[int]:
    """The lines on which Python code, or SQL in a string, compares with a role."""
    found = []
    for node in ast.walk(ast.parse(source)):
        compared = isinstance(node, ast.Compare) and _compares_roles(node)
        in_sql = (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(rf"\brole\s*(=|<>|!=|IN)\s*\(?\s*'({'|'.join(ROLES)})'", node.value, re.IGNORECASE)
        )
        if compared or in_sql:
            found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    "source",
    [
        'who.role == "agent"',
        "role in (RECEPTION, SUPERVISOR)",
        "permissions.AGENT != who.role",
        """text("SELECT 1 FROM membership m WHERE m.role = 'administrator'")""",
    ],
)
def test_a_comparison_with_a_role_is_found(source):
    assert _role_comparisons(source) == [1]


def test_nothing_but_the_table_compares_roles():
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in _sources() for line in _role_comparisons(path.read_text("utf-8"))
    ]
    found += [
        str(path.relative_to(ROOT))
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.html")
        if re.search(rf"role\s*(==|!=|in)\s*[(\[]?[\"']({'|'.join(ROLES)})", path.read_text("utf-8"))
    ]
    assert not found


def test_every_permission_is_declared_by_a_route_or_asked_for_by_a_verb(app):
    declared = {
        permission_of(app, rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"OPTIONS", "HEAD"}
    }
    texts = "\n".join(path.read_text("utf-8") for path in _sources())
    unused = [name for name in permissions.TABLE if name not in declared and f'"{name}"' not in texts]
    assert not unused
    for name in re.findall(r'\b(?:may|require|has|roles_with)\([^()"]*"([a-z_]+\.[a-z_]+)"', texts):
        assert name in permissions.TABLE, name


def test_an_actor_has_the_rights_of_the_role_that_it_has_in_this_jurisdiction(acting, jurisdiction):
    with acting(jurisdiction):
        by = {role: Actor("desk", factories.user(role).id) for role in ROLES}
        for name, line in permissions.TABLE.items():
            assert {role for role, actor in by.items() if actor.may(name)} == line.roles
        for nobody in (Actor("web"), Actor("desk"), Actor("mail"), Actor("system", 2**40)):
            assert not nobody.may("reports.triage")
        assert Actor("system").may("work_orders.cancel") and Actor("import").may("work_orders.cancel")
        with pytest.raises(KeyError):
            by["supervisor"].may("reports.bury")
        elsewhere = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(elsewhere):
        assert not Actor("desk", by["supervisor"].user_id).may("desk.open")


def test_the_documented_permissions_are_those_of_the_table():
    assert (ROOT / "docs" / "permissions.md").read_text("utf-8") == permissions.as_markdown(), (
        "flask permissions > docs/permissions.md"
    )
