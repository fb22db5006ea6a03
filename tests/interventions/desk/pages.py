"""A page of the desk as a browser has it: parsed strictly, its forms filled in and sent."""

from __future__ import annotations

from html5lib import HTMLParser


class Form:
    """A form of a page: where it goes, and what a browser would send of it."""

    def __init__(self, element, page) -> None:
        self.action = element.get("action")
        inside = [*element.iter("input"), *element.iter("select"), *element.iter("textarea")]
        if element.get("id"):
            inside += [one for one in page.iter("input") if one.get("form") == element.get("id")]
        self.fields: dict[str, str] = {}
        for one in inside:
            self._take(one)

    def _take(self, one) -> None:
        name, kind = one.get("name"), one.get("type")
        if not name or kind in ("checkbox", "radio") and one.get("checked") is None or kind == "file":
            return
        if one.tag == "textarea":
            self.fields[name] = (one.text or "").removeprefix("\n")
        elif one.tag == "select":
            options = list(one.iter("option"))
            first = options[0] if options else None
            chosen = next((option for option in options if option.get("selected") is not None), first)
            self.fields[name] = chosen.get("value", "") if chosen is not None else ""
        else:
            self.fields[name] = one.get("value", "")

    def send(self, browser, **fields):
        """Send it as it stands, save for `fields`; follow nothing."""
        return browser.post(self.action, data=self.fields | fields)


class Page:
    """An answer of the desk, which must be HTML without a fault."""

    def __init__(self, answer) -> None:
        self.answer, self.status, self.text = answer, answer.status_code, answer.text
        fragment = "<!doctype" not in self.text[:200].lower()
        # A fragment is judged inside a page of its own.
        whole = (
            f"<!doctype html><html lang=fr><title>.</title><body>{self.text}</body></html>" if fragment else self.text
        )
        parser = HTMLParser(strict=False, namespaceHTMLElements=False)
        self.tree = parser.parse(whole)
        # A list's row alone is what a list takes it for; the rest is a fault.
        self.faults = [code for _place, code, _more in parser.errors]

    def form(self, verb: str) -> Form:
        """The form whose address ends with `verb`."""
        return next(
            Form(one, self.tree) for one in self.tree.iter("form") if (one.get("action") or "").endswith(f"/{verb}")
        )

    def has_form(self, verb: str) -> bool:
        """Whether the page offers that verb."""
        return any((one.get("action") or "").endswith(f"/{verb}") for one in self.tree.iter("form"))

    @property
    def rows(self) -> list[str]:
        """The references or numbers of its rows, in order."""
        return [one.get("data-row") for one in self.tree.iter("li") if one.get("data-row")]

    @property
    def title(self) -> str:
        """Its main heading."""
        return "".join(next(self.tree.iter("h1")).itertext()).strip()

    def link(self, rel: str) -> str | None:
        """Where the link of that relation leads."""
        return next((one.get("href") for one in self.tree.iter("a") if one.get("rel") == rel), None)


def look(browser, path: str, status: int = 200, **headers: str) -> Page:
    """Open a page; it must answer `status`, and be well formed."""
    page = Page(browser.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}))
    assert page.status == status, page.text[:2000]
    assert page.faults == [], page.faults
    return page
