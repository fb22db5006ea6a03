"""Who may see a photo: told by the packages above, which know what shows it.

A rule takes a ready photo and answers True, or None (or False) where it has nothing to say; one True is
enough. The photo may lie in another jurisdiction, its report in the charge of the one being served: rules
look at what shows it, from the current jurisdiction. They ask the database one short question at most: they
run for every picture of a page.
"""

from __future__ import annotations

from collections.abc import Callable

from core.database.scope import current_jurisdiction_id
from core.photos.models import Photo

Rule = Callable[[Photo], bool | None]

#: Anybody may see it, whoever asks: caches may keep the picture.
public_rules: list[Rule] = []
#: The one who asks may see it (staff, the author): only their own browser keeps it.
rules: list[Rule] = []


def visible_to_public(photo: Photo) -> bool:
    """Whether the public sees the photo."""
    return any(rule(photo) for rule in public_rules)


def visible_to_reader(photo: Photo) -> bool:
    """Whether the reader of this request sees the photo. Nobody's yet: whoever holds its token here does."""
    if photo.claimed_at is None and photo.jurisdiction_id == current_jurisdiction_id():
        return True
    return any(rule(photo) for rule in rules)
