"""Which passwords are refused: short ones, those that everybody tries, those made of what is known of a person."""

from __future__ import annotations

import re
import threading
from typing import Any

from flask import current_app
from flask_security import PasswordUtil, hash_password
from zxcvbn import zxcvbn

from core.database.scope import current_jurisdiction
from core.i18n import gettext as _

#: Characters of a password. Longer ones are refused before they are hashed: hashing is meant to be slow.
SHORTEST, LONGEST = 10, 256
#: zxcvbn's third step of four: some ten thousand million guesses, which the limits on signing in make centuries.
STRONG = 3
#: The part of a password that is looked at; what comes after only makes it stronger.
LOOKED_AT = 72
#: What French speakers try first; zxcvbn's own lists are English, and its keyboards are not ours.
FRENCH = tuple(
    "motdepasse mot passe azerty azertyuiop azertyui qsdfgh qsdfghjklm wxcvbn bonjour bonsoir soleil doudou loulou "
    "chouchou marseille paris lyon toulouse france jetaime amour coucou bienvenue princesse nicolas camille thomas "
    "juillet aout septembre octobre novembre decembre janvier fevrier mars avril mai juin printemps ete automne hiver "
    "lundi mardi mercredi jeudi vendredi samedi dimanche mairie commune ville metropole collectivite alentour "
    "signalement voirie proprete administrateur administration accueil agent superviseur demonstration".split()
)

# zxcvbn keeps a caller's words in a table of the whole process: one at a time.
_one_at_a_time = threading.Lock()


class PasswordRules(PasswordUtil):
    """The extension's rules (length, one spelling of every character), and ours."""

    def validate(self, password: str, is_register: bool, **given: Any) -> tuple[list[str] | None, str]:
        """What is wrong with a password, if anything is, and the password as it is hashed."""
        wrong, spelled = super().validate(password, is_register, **given)
        if not wrong:
            user = given.get("user")
            fault = fault_of(spelled, email=getattr(user, "email", ""), name=getattr(user, "name", ""))
            wrong = [fault] if fault else None
        return wrong, spelled


def hashed(password: str) -> str:
    """A password as it is kept: one spelling of every character, as the forms make it, then argon2."""
    return hash_password(current_app.extensions["security"].password_util.normalize(password))


def fault_of(password: str, *, email: str = "", name: str = "") -> str | None:
    """Why that person should not have that password, as a sentence that says what to do; None where they may.

    Needs a jurisdiction being served: its name is the first thing that is tried.
    """
    if len(password) < SHORTEST:
        return _("A password has %(length)s characters at least.", length=SHORTEST)
    if len(password) > LONGEST:
        return _("A password has %(most)s characters at most.", most=LONGEST)
    known = _known(email, name)
    with _one_at_a_time:
        found = zxcvbn(password[:LOOKED_AT], user_inputs=[*known, *FRENCH])
    if found["score"] >= STRONG:
        return None
    if any(part.get("matched_word") in known for part in found["sequence"] if part["pattern"] == "dictionary"):
        return _(
            "This password is too close to your name, your address or the name of your council: those are the "
            "first that anyone would try. Use three or four unrelated words."
        )
    return _("This password is too easy to guess. Use three or four unrelated words.")


def _known(email: str, name: str) -> list[str]:
    """What everybody knows of a person: address, name, jurisdiction, whole and in parts, in small letters."""
    jurisdiction = current_jurisdiction()
    whole = [email, email.partition("@")[0], name, jurisdiction.slug, *jurisdiction.names.values()]
    parts = [part for one in whole for part in re.split(r"[\W_]+", one) if len(part) > 2]
    return list(dict.fromkeys(one.lower() for one in [*whole, *parts] if one))
