"""How long texts may be and how they must look, for the document; the verbs and fields themselves hold to it.

The patterns are read by programs of other languages too: they keep to what ECMA-262 and Python share.
"""

from __future__ import annotations

from core.references import ALPHABET

#: The longest that texts may be, in characters, as the verbs measure them.
CODE, NAME, EMAIL, PHONE, ADDRESS, REASON, DESCRIPTION, REFERENCE = 100, 120, 254, 40, 250, 1000, 4000, 40
#: An e-mail address, or none.
EMAIL_OR_NONE = {"anyOf": [{"format": "email"}, {"maxLength": 0}], "maxLength": EMAIL}
#: Text of which something is left when spaces and control characters are taken away.
VISIBLE = r"[^\s\u0000-\u001f\u007f-\u009f]"
#: A reference however it is typed: `vc 7k3 9qt` is VC-7K3-9QT.
_PART = f"[{ALPHABET}{ALPHABET.lower()}]"
_GAP = r"[ _.-]*"
REFERENCE_TYPED = "^" + _GAP.join(["[A-Za-z]"] * 2 + [_PART] * 6) + "$"
_LON = r"-?(180(\.0+)?|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]+)?)"
_LAT = r"-?(90(\.0+)?|[0-8]?[0-9](\.[0-9]+)?)"
#: Longitude and latitude of the south-west corner, then of the north-east one.
BBOX = f"^{_LON},{_LAT},{_LON},{_LAT}$"
_YEAR = "(197[1-9]|19[89][0-9]|20[0-9]{2}|21[0-9]{2})"
_DATE = _YEAR + ("-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)")
_HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SECOND = r":[0-5][0-9](\.[0-9]{1,9})?"
_ZONE = f"(Z|[+-]{_HOUR})"
#: A moment of RFC 3339, in the years that are believed.
MOMENT = f"^{_DATE}T{_HOUR}{_SECOND}{_ZONE}$"
#: The same, without a zone or a day alone too.
LOCAL_MOMENT = f"^{_DATE}(T{_HOUR}({_SECOND})?{_ZONE}?)?$"
#: Cursors of reports and of work orders, and those of messages and deliveries. An empty one is the first page.
CURSOR, NUMBER_CURSOR = "^[A-Za-z0-9_-]*$", "^[0-9]{0,19}$"
#: An idempotency key: what can be printed, with no space at its ends (HTTP takes those away).
_PRINTED = r"[!-~\u00a1-\u00ac\u00ae-\u00ff]"
KEY = r"^" + _PRINTED + r"([ -~\u00a1-\u00ac\u00ae-\u00ff]{0,198}" + _PRINTED + r")?$"
