"""Checks of quality.yaml, survey.yaml and website.yaml: names that exist, once, known services."""

from collections.abc import Iterator
from typing import Final

from shared.site.checks.people import A_PERSON, A_SERVICE
from shared.site.checks.validation_errors import Wrong, twice, unknown
from shared.site.checks.yaml_lines import Path
from shared.site.tables.people import People
from shared.site.tables.quality import (
    FIGURES,
    OF_THE_DAY,
    EngagementRow,
    EvidenceKind,
    QualityTable,
)
from shared.site.tables.routing import RoutingTable
from shared.site.tables.services import Services
from shared.site.tables.survey import MOST_TRANSLATIONS, SurveyTable
from shared.site.tables.website import Website

_FILE: Final = "quality.yaml"
_SURVEY: Final = "survey.yaml"
_WEBSITE: Final = "website.yaml"


def check_quality(quality: QualityTable, services: Services) -> Iterator[Wrong]:
    """Yields each mistake in quality.yaml, such as an engagement twice or an unknown owner."""
    known = [framework.name for framework in quality.frameworks]
    yield from twice(
        _FILE,
        [(("frameworks", i), name) for i, name in enumerate(known)],
        "each id with its version",
    )
    for field in ("framework", "compared_with"):
        value = getattr(quality, field) or None
        yield from unknown(_FILE, (field,), value, known, "id-version of a framework of this file")
    if quality.frameworks and not quality.framework:
        yield Wrong(_FILE, (), "frameworks, and none in force", f"framework: one of {known}")
    owners = {service.id for service in services.services}
    for i, framework in enumerate(quality.frameworks):
        at: Path = ("frameworks", i)
        rows = enumerate(framework.engagements)
        yield from twice(
            _FILE, [((*at, "engagements", j), row.id) for j, row in rows], "each engagement"
        )
        steps = enumerate(framework.calendar)
        yield from twice(_FILE, [((*at, "calendar", j), row.id) for j, row in steps], "each step")
        for j, row in enumerate(framework.engagements):
            yield from _row((*at, "engagements", j), row, owners)


def _row(at: Path, row: EngagementRow, owners: set[str]) -> Iterator[Wrong]:
    yield from unknown(_FILE, (*at, "owner"), row.owner, owners, A_SERVICE)
    places = [
        ((*at, "evidence", i), f"{one.kind} {one.code}") for i, one in enumerate(row.evidence)
    ]
    yield from twice(_FILE, places, "each piece of evidence")
    for i, piece in enumerate(row.evidence):
        where = (*at, "evidence", i)
        if piece.kind is EvidenceKind.FIGURE:
            expected = "a figure that closed months hold, or one of the day"
            known = FIGURES | OF_THE_DAY
            yield from unknown(_FILE, (*where, "code"), piece.code, known, expected)
        if piece.channels and (piece.kind is not EvidenceKind.FIGURE or piece.code in OF_THE_DAY):
            expected = "none: it is no figure of channels"
            yield Wrong(_FILE, (*where, "channels"), "channels", expected)


def check_website(website: Website, services: Services, people: People) -> Iterator[Wrong]:
    """Yields each mistake in website.yaml, such as an address twice or an unknown correspondent."""
    known = {service.id for service in services.services}
    persons = {person.id for person in people.people}
    rows = list(enumerate(website.pages))
    yield from twice(_WEBSITE, ((("pages", i, "id"), row.id) for i, row in rows), "each id")
    yield from twice(_WEBSITE, ((("pages", i, "url"), row.url) for i, row in rows), "each address")
    for i, row in rows:
        yield from unknown(_WEBSITE, ("pages", i, "service"), row.service, known, A_SERVICE)
        at = ("pages", i, "correspondent")
        yield from unknown(_WEBSITE, at, row.correspondent, persons, A_PERSON)


def check_invitations(survey: SurveyTable, routing: RoutingTable) -> Iterator[Wrong]:
    """Yields each category that survey.yaml never invites and that does not exist."""
    known = sorted({category.id for category in routing.categories})
    for i, category in enumerate(survey.mail.never if survey.mail else ()):
        yield from unknown(_SURVEY, ("mail", "never", i), category, known, "id of routing.yaml")


def check_survey(survey: SurveyTable, quality: QualityTable) -> Iterator[Wrong]:
    """Yields each mistake in survey.yaml, such as a form twice; or in quality.yaml about forms."""
    forms = [(("forms", i), form.name) for i, form in enumerate(survey.forms)]
    yield from twice(_SURVEY, forms, "each form with its version")
    places = [(("places", i), place.id) for i, place in enumerate(survey.places)]
    yield from twice(_SURVEY, places, "each place")
    for i, form in enumerate(survey.forms):
        asked = [
            (("forms", i, "questions", j), question.id) for j, question in enumerate(form.questions)
        ]
        yield from twice(_SURVEY, asked, "each question of a form")
    yield from _translations(survey)
    known = sorted({form.id for form in survey.forms})
    for i, framework in enumerate(quality.frameworks):
        for j, row in enumerate(framework.engagements):
            for k, piece in enumerate(row.evidence):
                if piece.kind is EvidenceKind.SURVEY:
                    at: Path = ("frameworks", i, "engagements", j, "evidence", k, "code")
                    yield from unknown(_FILE, at, piece.code, known, "id of a form of survey.yaml")


def _translations(survey: SurveyTable) -> Iterator[Wrong]:
    """A sheet in another language asks what its form asks, once, and few languages do."""
    names = sorted(form.name for form in survey.forms)
    sheets = [
        (("translations", i), f"{row.form} {row.language}")
        for i, row in enumerate(survey.translations)
    ]
    yield from twice(_SURVEY, sheets, "each language of a form")
    for i, row in enumerate(survey.translations):
        form = survey.form_named(row.form)
        if form is None:
            yield from unknown(
                _SURVEY, ("translations", i, "form"), row.form, names, "form with its version"
            )
            continue
        at: Path = ("translations", i, "questions")
        asked = [question.id for question in form.questions]
        if set(asked) != row.questions.keys():
            expected = f"every question of {row.form} and no other: {', '.join(asked)}"
            yield Wrong(_SURVEY, at, ", ".join(row.questions), expected)
        if bool(form.free_text) != (row.free_text is not None):
            expected = "present" if form.free_text else "absent"
            yield Wrong(_SURVEY, at, "free_text", f"free_text {expected}, as in {row.form}")
        if len(survey.translations_of(row.form)) > MOST_TRANSLATIONS:
            expected = f"at most {MOST_TRANSLATIONS} languages beside French"
            yield Wrong(_SURVEY, ("translations", i, "language"), row.language, expected)
