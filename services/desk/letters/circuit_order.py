"""What somebody orders about a prepared letter that lies with them: the letter as they leave it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.desk.domain.item import Item
from services.desk.letters.circuit_letter import composed_of
from services.desk.letters.composer import ComposedLetter
from services.desk.letters.domain.circuit_text import PreparedText
from services.desk.letters.domain.enclosures import FileToSend
from services.desk.letters.domain.library import LetterVersion
from services.desk.letters.domain.merge_fields import FillContext
from services.desk.store.circuit_letters import CircuitLetter
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Way
from shared.site.tables.people import Person


@dataclass(frozen=True, slots=True)
class CircuitOrder:
    """Order about a prepared letter that lies with whoever gives it: the letter as they leave it.

    `step`: the number of the last step that their page showed.
    """

    letter: CircuitLetter
    text: PreparedText
    """The letter as they leave it."""
    before: PreparedText
    """As it was, and the file in which that lies."""
    file: BlobKey
    step: int
    version: LetterVersion
    about: FillContext
    """What its item says, as it was read before."""
    files: Sequence[FileToSend] = ()
    """What leaves with it, as it was read before."""

    def compose(self, item: Item, way: Way, signer: Person) -> ComposedLetter:
        """Composes the letter as it is left, for its item as it is now. Raises Refused."""
        about = replace(self.about, item=item)
        return composed_of(self.version, about, self.letter, self.text, way, signer, self.files)

    def compose_pdf(self, item: Item, signer: Person) -> ComposedLetter:
        """Composes the PDF of a letter that leaves as mail sécurisé; its copies are mails."""
        alone = replace(self, text=self.text.model_copy(update={"copies": ()}))
        return alone.compose(item, Way.PAPER, signer)
