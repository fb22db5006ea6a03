"""What somebody wrote in a mail, without what they quote and without their signature."""

from __future__ import annotations

import re

from mailparser_reply.parser import EmailMessage as Conversation

#: What is read of one mail; the rest is no answer to anybody.
LONGEST = 20_000
_BEFORE = re.compile(
    r"^[ \t]*-{2,} ?(?:message d.origine|original message|message transf[eé]r[eé]|forwarded message)", re.IGNORECASE
)
_ORANGE = re.compile(r"^[> ]*message du \d{1,2}/\d{1,2}/\d{2,4}", re.IGNORECASE)
_WROTE = re.compile(r"^[> ]*(?:le|on) .{6,300}(?:a [eé]crit|wrote) ?:$", re.IGNORECASE)
_FROM = re.compile(r"^[> *]*(?:de|from) ?\*? ?:\*? ?\S", re.IGNORECASE)
_SENT = re.compile(r"^[> *]*(?:envoy[eé](?: le)?|sent|date|[àa]|to|objet|subject) ?\*? ?:", re.IGNORECASE)
_DEVICE = re.compile(
    r"^(?:envoy[eé] (?:de|depuis|[àa] partir de|avec|via) |sent (?:from|with) |t[eé]l[eé]charger outlook |get outlook |"
    r"obtenez outlook )",
    re.IGNORECASE,
)


def without_quotes_and_signature(text: str, *, quotes: bool = True) -> str:
    """The words of the mail's own author. Where cutting would leave nothing, everything is kept.

    Without `quotes` what it quotes is kept: somebody passes on what a neighbour wrote.
    """
    whole = _tidy(text)
    if not quotes:
        above = re.split(r"^-- ?$", whole, maxsplit=1, flags=re.MULTILINE)[0]
        return _without_device(above).strip() or whole
    before = _without_quotes(whole)
    found = Conversation(text=before, languages=["fr", "en"], keep_hyphen_lists=True).read().replies
    own = _without_device(found[0].body if found else before).strip()
    return own or before.strip() or whole


def _tidy(text: str) -> str:
    """At most LONGEST characters, no line ends by the thousand: what cuts takes its time with those."""
    lines = [" ".join(line.split()) for line in text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def _without_quotes(text: str) -> str:
    """What stands above the mail that is answered."""
    lines = text.split("\n")
    for number in range(len(lines)):
        if number and _begins_another(lines, number):
            lines = lines[:number]
            break
    while lines and (not lines[-1] or lines[-1].startswith(">") or not lines[-1].strip("_-=* ")):
        lines.pop()
    return "\n".join(lines) or text


def _begins_another(lines: list[str], number: int) -> bool:
    line = lines[number]
    if _BEFORE.match(line) or _ORANGE.match(line):
        return True
    if line[:4].lstrip("> ").lower().startswith(("le ", "on ")):
        # Mail programs break this line in two or three.
        said = ""
        for piece in lines[number : number + 3]:
            said = f"{said} {piece.lstrip('> ')}".strip()
            if _WROTE.match(said):
                return True
    if len(line) > 9 and not line.strip("_") and number + 1 < len(lines):
        return bool(_FROM.match(lines[number + 1]))
    return bool(_FROM.match(line)) and sum(bool(_SENT.match(one)) for one in lines[number + 1 : number + 6]) >= 2


def _without_device(text: str) -> str:
    lines = text.split("\n")
    while lines and (not lines[-1].strip("_ ") or _DEVICE.match(lines[-1])):
        lines.pop()
    return "\n".join(lines)
