"""The words of an HTML mail, as text: nothing in it is fetched, run or believed."""

from __future__ import annotations

from html.parser import HTMLParser

#: What is never words; what ends a line; what begins what somebody else had written.
_UNSAID = {"script", "style", "head", "title", "template", "svg", "object"}
_LINES = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "hr", "h1", "h2", "h3", "h4", "blockquote", "pre"}
_QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "gmail_attr", "protonmail_quote")
_QUOTE_IDS = ("divRplyFwdMsg", "appendonsend", "reply-intro")
#: More than this is no letter of a person.
LONGEST = 300_000
_VOID = {"br", "img", "hr", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr"}


class _Words(HTMLParser):
    """Collects the words; stops where another's mail is quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unsaid = 0
        self._over = False
        self._begun = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new line where one begins; silence where nothing is said."""
        if tag in _UNSAID:
            self._unsaid += 1
        if tag in _LINES:
            self.said.append("\n")
        known = {name: value or "" for name, value in attrs}
        # A mail that is nothing but a quotation is a forwarded one: it is read.
        if self._begun and self._is_quote(tag, known):
            self._over = True

    @staticmethod
    def _is_quote(tag: str, known: dict[str, str]) -> bool:
        if tag in _VOID:
            return False
        named = any(mark in known.get("class", "") for mark in _QUOTES) or known.get("id") in _QUOTE_IDS
        return named or (tag == "blockquote" and known.get("type") == "cite")

    def handle_endtag(self, tag: str) -> None:
        """The end of what was silent, or of a line."""
        if tag in _UNSAID and self._unsaid:
            self._unsaid -= 1
        if tag in _LINES and tag != "br":
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._unsaid and not self._over:
            self._begun = self._begun or bool(data.strip())
            self.said.append(" ".join(data.replace("\xa0", " ").split(" ")).replace("\r", "").replace("\n", " "))


def html_to_text(html: str) -> str:
    """The words of `html` in lines, without what it quotes of another mail."""
    reader = _Words()
    reader.feed(_closed(html[:LONGEST]))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.said).split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def _closed(html: str) -> str:
    """`html` without comments and declarations, each < that nothing closes as a plain sign: what is never closed
    would be looked for again from each place to the end."""
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start)
        at = end + 3 if end >= 0 else len(html)
    kept.append(html[at:])
    pieces = "".join(kept).split("<")
    closed = [pieces[0]]
    for piece in pieces[1:]:
        inside, close, after = piece.partition(">")
        if not close:
            closed.append(f"&lt;{piece}")
        elif inside[:1] in ("!", "?"):
            closed.append(after)
        else:
            closed.append(f"<{inside[:4000]}>{after}")
    return "".join(closed)
