"""Who writes to the town and in what words: the part of the plan that knows nothing of time and work."""

import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo import content
from demo.stories import Resident, Shot

POPULATION = 150
SHOWN = 0.78  # of the reports that can be drawn come with a photo
VARIANTS = 3  # of the scenes of the categories most often reported
OFTEN = 14  # the weight from which a category counts as such


class Residents:
    """Deals out categories, texts, answers and people, from one dice."""

    def __init__(self, dice: Random, count: int):
        self.dice = dice
        self.content = content.load()
        self._deck = self._deal(count)
        self._texts = {
            locale: {code: self._shuffled(getattr(said, locale)) for code, said in self.content.said.items()}
            for locale in content.LANGUAGES
        }
        self._people = [self._person(index) for index in range(POPULATION)]

    def _deal(self, count: int) -> list[str]:
        """Each category as often as its weight says, shuffled; a few more than needed."""
        total = sum(said.weight for said in self.content.said.values())
        deck = [
            code
            for code, said in self.content.said.items()
            for _ in range(max(2, round(said.weight * count * 1.1 / total)))
        ]
        self.dice.shuffle(deck)
        return deck

    def _shuffled(self, texts: Iterable[str]) -> deque[tuple[str, bool]]:
        """Texts with whether each is being used again."""
        order = list(texts)
        self.dice.shuffle(order)
        return deque((text, False) for text in order)

    def _person(self, index: int) -> Resident:
        locale = "en" if index % 10 == 4 else "fr"
        names = self.content.names[locale]
        name = names[(index * 7) % len(names)]
        plain = "".join(part for part in _plain(name.lower()) if part.isalpha())
        return Resident(f"{plain}{index + 1}@demo.example", name if self.dice.random() < 0.6 else "", locale)

    def category(
        self, fits: Callable[[content.SampleCategory], bool] = lambda category: True
    ) -> content.SampleCategory:
        """Take the next category of the deck that fits; the deck is long enough for every story."""
        for place, code in enumerate(self._deck):
            if fits(self.content.categories[code]):
                return self.content.categories[self._deck.pop(place)]
        chosen = [one for one in self.content.categories.values() if fits(one)]
        return self.dice.choice(chosen)

    def author(self, french: bool) -> Resident | None:
        """Somebody who leaves an address: three reports in four. Of those who write French, if asked."""
        known = [person for person in self._people if person.locale == "fr"] if french else self._people
        return self.dice.choice(known) if self.dice.random() < 0.76 else None

    def neighbours(self, most: int, besides: Resident | None) -> list[Resident]:
        """Other people, each once, who speak of the same thing."""
        found = self.dice.sample(self._people, most)
        return [person for person in found if person != besides]

    def text(self, code: str, locale: str, silent: bool) -> str:
        """What is written of a category: each text once before any is used again; sometimes nothing."""
        texts = self._texts[locale][code]
        words, again = texts.popleft()
        texts.append((words, True))
        # Both are drawn in any case: what comes after must not depend on this report's door.
        said, nothing = self._dressed(words, locale, again), self.dice.random() < 0.07
        return "" if nothing and silent else said

    def _dressed(self, words: str, locale: str, again: bool) -> str:
        suffix = "" if locale == "fr" else "_en"
        opener = self.dice.choice(self.content.common["opener" + suffix])
        closer = self.dice.choice(self.content.common["closer" + suffix])
        if (len(words) > 25 or again) and not words.startswith(("Bon", "Je ")):
            if self.dice.random() < (0.6 if again else 0.25):
                words = opener + words[0].lower() + words[1:]
        if again or (len(words) > 20 and self.dice.random() < 0.45):
            words = words.rstrip() + ("" if words.rstrip()[-1] in ".!?" else ".") + closer
        return words

    def answers(self, category: content.SampleCategory, text: str, seen_at: datetime) -> dict[str, Any]:
        """Answers to a category's questions that agree with the text: to all required, to some others."""
        given = {}
        for question in category.questions:
            answer, liked = self._answer(question, seen_at), self.dice.random() < 0.5
            hints = self.content.hints.get(category.code, {}).get(question["code"])
            found = [told for told, words in (hints or {}).items() if any(word in text.lower() for word in words)]
            if found:
                answer = found if question["type"] == "multivaluelist" else found[0]
            if found or question["required"] or (liked and not hints):
                given[question["code"]] = answer
        return given

    def _answer(self, question: Mapping[str, Any], seen_at: datetime) -> Any:
        kind = question["type"]
        keys = [choice["key"] for choice in question.get("choices", ())]
        if kind == "singlevaluelist":
            return self.dice.choice(keys)
        if kind == "multivaluelist":
            return self.dice.sample(keys, self.dice.randint(1, 2))
        if kind == "number":
            return self.dice.choice((2, 3, 4, 6, 10, 15))
        if kind == "datetime":
            return (seen_at - timedelta(hours=self.dice.randint(5, 40))).strftime("%Y-%m-%dT%H:%M")
        return self.dice.choice(self.content.answers.get(question["code"], [""]))

    def variant(self, code: str) -> int:
        """Which drawing of the category's scene a report shows."""
        said = self.content.said[code]
        return self.dice.randrange(VARIANTS if said.weight >= OFTEN else 1)

    def shots(self, code: str, variant: int, taken_at: datetime) -> list[Shot]:
        """The photo that comes with a report, if any."""
        scene = self.content.said[code].scene
        if scene is None or self.dice.random() > SHOWN:
            return []
        return [Shot(scene, variant, "before", taken_at)]


def _plain(text: str) -> str:
    """Letters without their accents."""
    return "".join(part for part in unicodedata.normalize("NFD", text) if not unicodedata.combining(part))
