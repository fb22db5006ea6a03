"""E-mail addresses and telephone numbers in what people typed: found, and taken out before the public reads it.

It is done once, when a text is written (see reporter.reports.models.Report.public_description), and its work grows
with the
length of the text alone: every pattern looks at a window of known size around an anchor (an @, a group of digits).
`Search.looked_at` counts the characters in those windows, so that a test can hold it to that.

What is meant to stay: house numbers, dates and times, references (VC-7K3-9QT), postcodes, amounts, coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

#: What stands where something was taken out.
TAKEN_OUT = "[…]"

#: RFC 5321: an address has at most 64 characters before its @ and 255 behind it.
MOST_LOCAL, MOST_DOMAIN = 64, 255
#: E.164: a number has at most 15 digits. Two more for a leading 00, one for a "(0)".
FEWEST_DIGITS, MOST_DIGITS = 8, 15

_SPACE = " \t\u00a0\u00ad\u2000-\u200d\u202f\u205f\u2060\u3000"
_BETWEEN = _SPACE + r".\-/()_*|·•\u2010-\u2015\u2212\uff0d"
#: An @, or what stands for it: "jean (at) free.fr", "jean [arobase] free.fr", "jean @ free.fr".
_AT = re.compile(
    rf"[{_SPACE}]{{0,2}}(?:[@\uff20]|[(\[{{][{_SPACE}]?(?:at|à|arobase|arrobase)[{_SPACE}]?[)\]}}])"
    rf"[{_SPACE}]{{0,2}}",
    re.IGNORECASE,
)
_LOCAL_REVERSED = re.compile(r"[\w.+%'-]+")
_DOT = rf"(?:\.|[{_SPACE}]?[(\[{{][{_SPACE}]?(?:dot|point)[{_SPACE}]?[)\]}}][{_SPACE}]?)"
_DOMAIN = re.compile(rf"[\w-]{{1,63}}+(?:{_DOT}[\w-]{{1,63}}+)+", re.IGNORECASE)
#: Between an @ with spaces beside it and what follows, only what ends like a domain is one.
_PLAIN_DOMAIN = re.compile(r".*\b[^\W\d_]{2,24}\Z", re.DOTALL)

#: Groups of digits with at most four signs between two of them.
_RUN = re.compile(rf"\d{{1,40}}+(?:[{_BETWEEN}]{{0,4}}+\d{{1,40}}+)*+")
_GROUP = re.compile(r"\d+")
_PHONE_WORD = re.compile(
    r"(?:t[ée]l|t[ée]l[ée]phone|phone|portable|port|mobile|mob|gsm|fixe|fax|sms|whatsapp)[.\-_]?\Z", re.IGNORECASE
)
_AMOUNT_AFTER = re.compile(
    rf"[{_SPACE}]?(?:,\d{{1,3}}[{_SPACE}]?)?"
    r"(?:[€$£%]|[kM]€|euros?\b|eur\b|chf\b|francs?\b|f?cfa\b|m[²³23]|km\b|hab)",
    re.IGNORECASE,
)
#: How numbers without a leading 0 or + are grouped: a French one without its 0, Spanish, American ones.
_BARE_SHAPES = frozenset({(1, 2, 2, 2, 2), (3, 3, 3), (3, 2, 2, 2), (3, 3, 4)})


@dataclass(frozen=True)
class _Group:
    """Some digits in a row, and where they stand."""

    start: int
    end: int
    digits: str


@dataclass
class Search:
    """What is to be taken out of one text; `looked_at` counts the characters that patterns were given."""

    text: str
    looked_at: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    def run(self) -> Search:
        """Find every span, in order, none overlapping."""
        found = sorted([*self._mails(), *self._phones()])
        end = 0
        for start, stop in found:
            if start >= end:
                self.spans.append((start, stop))
                end = stop
        return self

    def _mails(self) -> Iterator[tuple[int, int]]:
        text, after = self.text, 0
        for at in _AT.finditer(text):
            first = max(after, at.start() - MOST_LOCAL)
            before, behind = text[first : at.start()], text[at.end() : at.end() + MOST_DOMAIN]
            self.looked_at += len(before) + len(behind)
            local = _LOCAL_REVERSED.match(before[::-1])
            domain = _DOMAIN.match(behind)
            if local is None or domain is None:
                continue
            if at.group() not in ("@", "\uff20") and not _PLAIN_DOMAIN.match(domain.group()):
                continue
            after = at.end() + domain.end()
            yield at.start() - local.end(), after

    def _phones(self) -> Iterator[tuple[int, int]]:
        for run in _RUN.finditer(self.text):
            self.looked_at += run.end() - run.start()
            if run.end() - run.start() < FEWEST_DIGITS:
                continue
            groups = [
                _Group(one.start(), one.end(), _ascii(one.group()))
                for one in _GROUP.finditer(self.text, run.start(), run.end())
            ]
            if self._part_of_a_code(run.start()):
                groups = groups[1:]
            yield from self._in_run(groups)

    def _in_run(self, groups: list[_Group]) -> Iterator[tuple[int, int]]:
        at = 0
        while at < len(groups):
            dated = self._date(groups, at)
            if dated:
                at += dated
                continue
            size = self._number(groups, at)
            if not size:
                at += 1
                continue
            self.looked_at += groups[at + size - 1].end - groups[at].start
            yield self._beginning(groups, at), groups[at + size - 1].end
            at += size

    def _number(self, groups: list[_Group], at: int) -> int:
        """How many groups from `at` on are one telephone number; 0 where they are none."""
        first = groups[at].digits
        if self._plus(groups[at].start):
            return self._international(groups, at, 0)
        if first.startswith("00") and len(first) > 2:
            return self._international(groups, at, 2)
        if first == "00" and at + 1 < len(groups):
            return self._international(groups, at, 2)
        if first.startswith("0"):
            return self._national(groups, at)
        return self._bare(groups, at)

    def _international(self, groups: list[_Group], at: int, skipped: int) -> int:
        best, digits = 0, ""
        for size, group in enumerate(groups[at : at + MOST_DIGITS + 3], 1):
            digits += group.digits
            number = digits[skipped:]
            if len(number) > MOST_DIGITS + 1:
                break
            if number.startswith("33"):
                wanted = 12 if number.startswith("330") else 11
                if len(number) == wanted:
                    return size
            elif len(number) >= FEWEST_DIGITS:
                best = size
        return best

    def _national(self, groups: list[_Group], at: int) -> int:
        """A 0 and nine digits more (eight where nothing follows: a Belgian jurisdiction)."""
        digits = ""
        if groups[at].digits == "0" and at + 1 < len(groups):
            between = self.text[groups[at].end : groups[at + 1].start]
            if between == "." and len(groups[at + 1].digits) > 2:
                return 0  # 0.579512: a decimal number
        for size, group in enumerate(groups[at : at + 10], 1):
            digits += group.digits
            if digits.startswith("00") or len(digits) > 10:
                return 0
            if len(digits) == 10:
                postcodes = [len(one.digits) for one in groups[at : at + size]] == [5, 5]
                return 0 if postcodes else size
            if len(digits) == 9 and at + size == len(groups) and size > 1:
                return size
        return 0

    def _bare(self, groups: list[_Group], at: int) -> int:
        """A number without 0 or +: only where nothing else stands in the run, in a shape that numbers have."""
        if at or len(groups) > 7:
            return 0
        shape = tuple(len(group.digits) for group in groups)
        digits = "".join(group.digits for group in groups)
        alone = len(groups) == 1 and 9 <= len(digits) <= 13
        french = digits.startswith("33") and len(digits) == 11 and len(groups) > 1
        if not (alone or french or shape in _BARE_SHAPES):
            return 0
        after = self.text[groups[-1].end : groups[-1].end + 12]
        self.looked_at += len(after)
        if _AMOUNT_AFTER.match(after) or (len(groups) > 1 and digits.endswith("000")):
            return 0
        if alone and after[:1].isalpha():
            return 0
        return len(groups)

    def _date(self, groups: list[_Group], at: int) -> int:
        """How many groups from `at` on are a date: 26/11/2026, 2026-11-26, 26.11.26 14.30."""
        if at + 2 >= len(groups):
            return 0
        one, two, three = groups[at : at + 3]
        sign = self.text[one.end : two.start]
        if sign not in ("/", "-", ".") or self.text[two.end : three.start] != sign:
            return 0
        if len(three.digits) == 4 and _day(one.digits) and _month(two.digits) and _year(three.digits):
            return 3
        if len(one.digits) == 4 and _year(one.digits) and _month(two.digits) and _day(three.digits):
            return 3
        if at + 4 == len(groups) - 1 and _day(one.digits) and _month(two.digits) and len(three.digits) == 2:
            hour, minute = groups[at + 3].digits, groups[at + 4].digits
            apart = self.text[three.end : groups[at + 3].start]
            if (
                apart != sign
                and apart.strip(" \u00a0\u202f") in ("", "-")
                and len(hour) == len(minute) == 2
                and hour < "24"
                and minute < "60"
                and self.text[groups[at + 3].end : groups[at + 4].start] != sign
            ):
                return 5
        return 0

    def _plus(self, start: int) -> bool:
        return self.text[max(0, start - 3) : start].rstrip(" (\u00a0\u202f").endswith(("+", "\uff0b"))

    def _beginning(self, groups: list[_Group], at: int) -> int:
        """Where the number begins: at its + or at a bracket around its first digits."""
        start = groups[at].start
        if self._plus(start):
            return max(self.text.rfind(plus, max(0, start - 3), start) for plus in "+\uff0b")
        closed = at + 1 < len(groups) and ")" in self.text[groups[at].end : groups[at + 1].start]
        return start - 1 if closed and self.text[max(0, start - 1) : start] == "(" else start

    def _part_of_a_code(self, start: int) -> bool:
        """Whether letters stand right before the digits (AB12…, VC-061…), and are not the word "tel"."""
        before = self.text[max(0, start - 12) : start]
        if not before or before[-1] not in "-_" and not before[-1].isalnum():
            return False
        if before[-1] in "-_" and not before[-2:-1].isalnum():
            return False
        return _PHONE_WORD.search(before) is None


def mask(text: str) -> str:
    """`text` with e-mail addresses and telephone numbers replaced by TAKEN_OUT. Its work is linear in the text."""
    spans = Search(text).run().spans
    if not spans:
        return text
    parts, end = [], 0
    for start, stop in spans:
        parts += [text[end:start], TAKEN_OUT]
        end = stop
    return "".join([*parts, text[end:]])


def _ascii(digits: str) -> str:
    """Digits of any script as 0 to 9."""
    return digits if digits.isascii() else "".join(str(int(one)) for one in digits)


def _day(digits: str) -> bool:
    return len(digits) <= 2 and 1 <= int(digits) <= 31


def _month(digits: str) -> bool:
    return len(digits) <= 2 and 1 <= int(digits) <= 12


def _year(digits: str) -> bool:
    return len(digits) == 4 and "1900" <= digits <= "2099"


def mask_all(value: Any) -> Any:
    """A text, or every text inside lists and mappings (their keys aside), masked; a number only where it is one."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: mask_all(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [mask_all(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        written = str(value)
        masked = mask(written)
        return value if masked == written else masked
    return value


def masked_default(column: str) -> Callable[[Any], Any]:
    """What SQLAlchemy puts into a public column where an INSERT names only `column` beside it."""

    def of_statement(context: Any) -> Any:
        value = context.get_current_parameters().get(column)
        # Nothing given: what the database puts there is empty.
        return mask_all(value) if value is not None else {} if column == "answers" else ""

    return of_statement
