"""What a refusal says in French, by the word of `Refused.why`: one table for each part."""

from collections.abc import Mapping
from typing import Final

from services.desk.pages.sentences import (
    api,
    decisions,
    events,
    evidence,
    letters,
    measures,
    places,
    quality,
    search,
    survey,
)

SENTENCES: Final[Mapping[str, str]] = {
    **decisions.SENTENCES,
    **evidence.SENTENCES,
    **search.SENTENCES,
    **letters.SENTENCES,
    **quality.SENTENCES,
    **measures.SENTENCES,
    **survey.SENTENCES,
    **events.SENTENCES,
    **places.SENTENCES,
    **api.SENTENCES,
}
