"""The demonstration town's texts: complete, in both languages, and fit for the pages that show them."""

import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

from demo import content
from demo.pictures.draw import SCENES
from reporter.categories.queries import TYPES

ROOT = Path(__file__).parents[2]
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.fixture(scope="module")
def jurisdiction():
    return content.load()


def test_ten_groups_of_forty_categories(jurisdiction):
    assert len(jurisdiction.groups) == 10
    assert len(jurisdiction.categories) == 40
    assert {one.group for one in jurisdiction.categories.values()} == {group.code for group in jurisdiction.groups}


def test_codes_are_slugs(jurisdiction):
    codes = [*jurisdiction.categories, *(one.code for one in (*jurisdiction.groups, *jurisdiction.teams))]
    for category in jurisdiction.categories.values():
        codes += [question["code"] for question in category.questions]
        codes += [choice["key"] for question in category.questions for choice in question.get("choices", ())]
    assert [code for code in codes if not SLUG.fullmatch(code)] == []


def test_everything_is_said_in_both_languages(jurisdiction):
    said = [one.name for one in (*jurisdiction.groups, *jurisdiction.categories.values(), *jurisdiction.teams)]
    said += [one.description for one in jurisdiction.categories.values()]
    for category in jurisdiction.categories.values():
        assert set(category.keywords) == {"fr", "en"} and all(category.keywords.values()), category.code
        for question in category.questions:
            said.append(question["label"])
            said += [choice["name"] for choice in question.get("choices", ())]
    for texts in said:
        assert set(texts) == {"fr", "en"}
        assert all(text.strip() for text in texts.values())


def test_french_is_typeset(jurisdiction):
    """A narrow space before ? ! ;, curved apostrophes: in all that the town itself writes."""
    written = [one.name["fr"] for one in (*jurisdiction.groups, *jurisdiction.categories.values(), *jurisdiction.teams)]
    written += [one.description["fr"] for one in jurisdiction.categories.values()]
    written += [question["label"]["fr"] for one in jurisdiction.categories.values() for question in one.questions]
    written += [words for kinds in jurisdiction.phrases.values() for some in kinds.values() for words in some]
    written += [words for work in jurisdiction.work.values() for words in (work.title, *work.finish)]
    wrong = [text for text in written if re.search(r"\w'\w| [?!;:]|[^\s][?!;]", text)]
    assert wrong == []


def test_a_good_third_asks_questions_of_every_type(jurisdiction):
    asking = [one for one in jurisdiction.categories.values() if one.questions]
    assert len(asking) >= 14
    kinds = Counter(question["type"] for one in asking for question in one.questions)
    assert set(kinds) == set(TYPES)
    for one in asking:
        for question in one.questions:
            listed = question["type"].endswith("valuelist")
            assert listed == bool(question.get("choices")), (one.code, question)


def test_flags(jurisdiction):
    categories = jurisdiction.categories.values()
    assert sum(one.private for one in categories) >= 2
    assert sum(one.dangerous for one in categories) >= 4
    assert sum(one.photo_to_finish for one in categories) >= 3
    assert sum(one.verified for one in categories) >= 3
    assert all(1 <= one.delay_hours <= 24 * 60 for one in categories)


def test_teams_and_their_people(jurisdiction):
    codes = [team.code for team in jurisdiction.teams]
    assert len(codes) == 4
    assert sum(team.contractor for team in jurisdiction.teams) == 1
    assert {one.team for one in jurisdiction.categories.values()} - {None} <= set(codes)
    assert all(jurisdiction.agents(code) for code in codes)
    roles = {one.email: one.role for one in jurisdiction.colleagues}
    assert roles["accueil@demo.example"] == "reception"
    assert roles["superviseur@demo.example"] == "supervisor"
    assert roles["agent@demo.example"] == "agent"
    assert roles["admin@demo.example"] == "administrator"
    assert all(email.endswith("@demo.example") for email in roles)


def test_bodies_can_be_reached_and_some_categories_are_formal(jurisdiction):
    codes = {body.code for body in jurisdiction.bodies}
    assert {one.body for one in jurisdiction.categories.values()} - {None} <= codes
    assert all(body.address and body.phone.startswith("04 65 71 ") and body.email for body in jurisdiction.bodies)
    formal = [one for one in jurisdiction.categories.values() if one.silence]
    assert 1 <= len(formal) <= 5 and all(one.silence_months >= 1 for one in formal)


def test_texts_are_many_different_and_of_believable_lengths(jurisdiction):
    french = [text for said in jurisdiction.said.values() for text in said.fr]
    english = [text for said in jurisdiction.said.values() for text in said.en]
    assert len(set(french)) == len(french) >= 170
    assert len(set(english)) == len(english) >= 24
    lengths = [len(text) for text in french]
    assert 50 <= statistics.median(lengths) <= 110
    assert max(lengths) > 300
    assert min(lengths) < 12


def test_texts_hold_no_telephone_and_no_address(jurisdiction):
    for said in jurisdiction.said.values():
        for text in (*said.fr, *said.en):
            assert "@" not in text
            assert not re.search(r"(\d[ .]?){9}", text)


def test_every_category_has_words_for_its_work(jurisdiction):
    assert all(work.title and work.finish for work in jurisdiction.work.values())
    kinds = {"instructions", "making_safe", "hold", "refuse", "return", "note", "reject"}
    assert {group.code for group in jurisdiction.groups} == set(jurisdiction.phrases)
    assert all(set(phrases) == kinds and all(phrases.values()) for phrases in jurisdiction.phrases.values())


def test_every_drawn_scene_is_known_and_used(jurisdiction):
    assert {said.scene for said in jurisdiction.said.values()} - {None} == set(SCENES)


def test_streets_are_sixty_and_different(jurisdiction):
    assert len(set(jurisdiction.streets)) == len(jurisdiction.streets) == 60


def test_icons_are_listed_and_in_the_sprite():
    listed = (ROOT / "demo/icons.txt").read_text("utf-8").split("\n")
    listed = [line for line in listed if line and not line.startswith("#")]
    assert listed == content.icons()
    sprite = (ROOT / "core/assets/icons.txt").read_text("utf-8").split("\n")
    assert set(listed) <= set(sprite)


def test_hints_name_answers_that_their_questions_offer(jurisdiction):
    for code, questions in jurisdiction.hints.items():
        known = {question["code"]: question for question in jurisdiction.categories[code].questions}
        for question, answers in questions.items():
            offered = {choice["key"] for choice in known[question].get("choices", ())}
            assert not offered or set(answers) <= offered, (code, question)
            said = " ".join((*jurisdiction.said[code].fr, *jurisdiction.said[code].en)).lower()
            assert all(any(word in said for word in words) for words in answers.values()), (code, question)
