"""survey.yaml: the forms of the satisfaction survey, and the places where it is held.

A form that a campaign has used is frozen: its next wording is another version. A site without the
file holds no survey.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from shared.facts.vocabulary import Category
from shared.values import Code, EmailAddress, Table

_BEFORE: Final = re.compile(r" (?=[?!:;»])|(?<=«) ")


def with_french_spaces(text: str) -> str:
    """Returns a text with non-breaking spaces where French has them: before « ? », within « … »."""
    return _BEFORE.sub("\N{NO-BREAK SPACE}", text)


Question = Annotated[
    str, StringConstraints(min_length=5, max_length=200), AfterValidator(with_french_spaces)
]
MOST_QUESTIONS: Final = 15


class SurveyQuestion(Table):
    """A question of a survey form, answered by one of four levels or « pas concerné »."""

    id: Code
    """The same question bears the same id in each version: years are compared by it."""
    text: Question


class SurveyForm(Table):
    """A version of a survey form: at most fifteen questions, and one free text or none."""

    id: Code
    version: int = Field(ge=1, le=999)
    title: Question
    intro: Annotated[str, AfterValidator(with_french_spaces)] = Field(default="", max_length=500)
    questions: tuple[SurveyQuestion, ...] = Field(min_length=1, max_length=MOST_QUESTIONS)
    free_text: Annotated[str, AfterValidator(with_french_spaces)] = Field(
        default="", max_length=200
    )
    """The question of the free text; empty: the form has none."""

    @property
    def name(self) -> str:
        """The survey form's id and version: `usagers-1`."""
        return f"{self.id}-{self.version}"

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that the survey form shows."""
        questions = (question.text for question in self.questions)
        return (self.title, self.intro, *questions, self.free_text)


MOST_TRANSLATIONS: Final = 3
"""Of one form: with the French, four languages."""
_PRINTABLE: Final = ("LATIN", "GREEK", "CYRILLIC")
"""Scripts that the font of our papers has."""


def printable(text: str) -> str:
    """Returns a text whose every letter our papers can show. Raises ValueError for another."""
    for sign in text:
        if sign.isalpha() and not unicodedata.name(sign, "").startswith(_PRINTABLE):
            raise ValueError(f"letters that our papers can print (Latin, Greek, Cyrillic): {sign}")
    return text


Translated = Annotated[
    str, StringConstraints(min_length=2, max_length=500), AfterValidator(printable)
]


class SheetTranslation(Table):
    """The paper sheet of a survey form in another language, with who reviewed it."""

    form: Code
    """The form and its version: `usagers-1`."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    """`en`, as HTML has it."""
    named: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    """As people here call it: « anglais »."""
    title: Translated
    intro: Translated | None = None
    directions: Translated
    """One cross a line, no name, nothing that one would rather leave out."""
    levels: Annotated[tuple[Translated, ...], Field(min_length=5, max_length=5)]
    """From the least satisfied to the most, then « pas concerné »."""
    questions: Mapping[Code, Translated]
    """By the question's id: every question of the form, and no other."""
    free_text: Translated | None = None
    reviewed_by: Annotated[str, StringConstraints(min_length=2, max_length=120)]
    reviewed_on: date


class SurveyPlace(Table):
    """A place where the survey is held: a reception desk, a counter, a town hall."""

    id: Code
    name: Annotated[str, StringConstraints(min_length=2, max_length=80)]


class SurveyMail(Table):
    """The rules by which the survey invites by email after a reply; without them it doesn't."""

    mailbox: EmailAddress | None = None
    """From and Reply-To; `None`: the préfecture's own. What comes back goes to `return_path`."""
    after_days: int = Field(default=2, ge=1, le=10)
    """Jours ouvrés between the reply and the mail."""
    months: int = Field(default=12, ge=6, le=36)
    """So long nobody is invited a second time, by any campaign."""
    never: tuple[Category, ...] = ()
    """Sensitive categories, whose senders are never invited."""


class SurveyTable(Table):
    """The table survey.yaml: forms of the satisfaction survey, places where it is held."""

    mail: SurveyMail | None = None

    places: tuple[SurveyPlace, ...] = ()
    forms: tuple[SurveyForm, ...] = ()
    translations: tuple[SheetTranslation, ...] = ()

    @cached_property
    def place(self) -> Mapping[str, SurveyPlace]:
        """The places of the survey by their id."""
        return {place.id: place for place in self.places}

    @cached_property
    def question(self) -> Mapping[str, str]:
        """The text of each survey question by its form's id and its own, `usagers.attente`.

        Of several versions the last one's.
        """
        return {
            f"{form.id}.{question.id}": question.text
            for form in self.forms
            for question in form.questions
        }

    def translations_of(self, name: str) -> Sequence[SheetTranslation]:
        """Returns the paper sheets in other languages of the form of this name (`usagers-1`)."""
        return [row for row in self.translations if row.form == name]

    def form_named(self, name: str) -> SurveyForm | None:
        """Returns the form with this id and version (`usagers-1`); `None`: there is none."""
        return next((form for form in self.forms if form.name == name), None)


NO_SURVEY = SurveyTable()
