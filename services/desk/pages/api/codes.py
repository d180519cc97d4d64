"""`/api/v1/codes`: the words that a decision may use, as the site's rules have them now."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Final, get_args

from pydantic import Field

from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.documents import Document
from services.desk.pages.api.endpoint import Endpoint, Query
from services.desk.pages.office.queue import PLAIN
from shared.site.tables.labels import Labels, OfferedAct

DISMISS: Final = "dismiss"


class CodeDocument(Document):
    """A code that the API takes, with its French words."""

    code: str
    words: str


class CategoryDocument(CodeDocument):
    """A category of items: the service that answers it, and the regimes of silence it may have."""

    service: str
    perimeter: bool
    nature: str
    regimes: Annotated[list[str], Field(description="That a person may confirm; first: usual.")]


class RegimeDocument(CodeDocument):
    """A regime of implied decision: what silence means, after how long, by which legal text."""

    effect: str
    period: Annotated[str, Field(description="In French words.")]
    text: str


class CodesDocument(Document):
    """The codes of the applied rules (services, categories, reasons …), since when they hold."""

    version: Annotated[int, Field(description="Of the rules; grows with each that is applied.")]
    effective_from: datetime
    services: list[CodeDocument]
    categories: list[CategoryDocument]
    regimes: list[RegimeDocument]
    reasons: Annotated[
        dict[str, list[CodeDocument]],
        Field(description="Those that a list of the pages offers, in its order, by decision."),
    ]
    pieces: list[CodeDocument]
    offices: list[CodeDocument]
    themes: list[CodeDocument]


async def show_codes(call: ApiCall, _: Query) -> CodesDocument:
    """Answers with the codes that decisions and filters of the API take, and their French words."""
    site, labels = call.applied.site, call.applied.site.labels
    return CodesDocument(
        version=call.applied.version,
        effective_from=call.applied.effective_from,
        services=[CodeDocument(code=row.id, words=row.name) for row in site.services.services],
        categories=[
            CategoryDocument(
                code=row.id,
                words=row.label,
                service=row.service,
                perimeter=row.perimeter,
                nature=row.nature,
                regimes=list(row.allowed),
            )
            for row in site.routing.categories
        ],
        regimes=[
            RegimeDocument(
                code=row.id,
                words=row.label,
                effect=row.effect,
                period=row.period.words(),
                text=row.text,
            )
            for row in site.regimes.regimes
        ],
        reasons={
            **{offer: _reasons(labels, _offered(labels, offer)) for offer in get_args(OfferedAct)},
            DISMISS: _reasons(labels, labels.offered.get("close", PLAIN)),
        },
        pieces=[CodeDocument(code=code, words=words) for code, words in labels.pieces.items()],
        offices=[CodeDocument(code=code, words=row.name) for code, row in labels.offices.items()],
        themes=[CodeDocument(code=code, words=words) for code, words in labels.every_theme.items()],
    )


def _offered(labels: Labels, offer: OfferedAct) -> Iterable[str]:
    return labels.offered.get(offer, tuple(labels.reasons))


def _reasons(labels: Labels, codes: Iterable[str]) -> list[CodeDocument]:
    return [CodeDocument(code=code, words=labels.reason(code)) for code in codes]


ENDPOINTS: Final = (
    Endpoint(
        "/codes",
        show_codes,
        None,
        "The codes that decisions and filters take, as the rules have them now",
        "Les codes que prennent décisions et filtres, selon les règles en vigueur",
        CodesDocument,
        name="codes_listed",
    ),
)
