"""What a refusal says in French, by the word of `Refused.why`: one table for each part."""

from collections.abc import Mapping
from typing import Final

from services.desk.pages.sentences import decisions, evidence, finding, letters

SENTENCES: Final[Mapping[str, str]] = {
    **decisions.SENTENCES,
    **evidence.SENTENCES,
    **finding.SENTENCES,
    **letters.SENTENCES,
}
