"""Who writes to the préfecture in a clerk's day: invented, each with what the pages must propose,
and the clerk before those pages.

What is proposed stands here by hand, from the site's table of senders and what a name looks like.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tests.e2e.browser import Person
from tests.e2e.house import House

FIRST = ("Clea", "Paule", "Colette", "Basile", "Mina", "Regis", "Celia", "Lazare", "Nora", "Silvio",
         "Thelma", "Victor", "Vera", "Zelie")  # fmt: skip
LAST = ("Journet", "Lavandier", "Belleroche", "Fontenelle", "Marchenoir", "Delorge", "Vauquelin",
        "Rivarol", "Sablonnier", "Courtemanche", "Pontevin", "Desvignes", "Aubertin")  # fmt: skip
PEOPLE = [f"{first} {last}" for first, last in product(FIRST, LAST)]
"""More than a day brings: nobody writes twice."""
NAMELESS = 25
"""Of so many letters one, and the first, says only in its text who wrote it."""

KINDS = {
    "citizen": ("1", "particulier"),
    "association": ("2", "association"),
    "company": ("3", "entreprise"),
    "lawyer": ("4", "avocat"),
    "elected": ("5", "élu"),
    "administration": ("6", "administration"),
}
"""The key and the word of each kind."""
TO_SORT = "SELECT chrono, service, category FROM desk.items WHERE state = 'to_qualify'"
SAID = """
SELECT i.chrono, s.sender, s.body FROM desk.search s JOIN desk.items i ON i.item_id = s.id
WHERE i.chrono = ANY($1::text[])
"""
READ = """
SELECT count(*) = cardinality($1::text[])
FROM desk.search s JOIN desk.items i ON i.item_id = s.id WHERE i.chrono = ANY($1)
"""
NAMED = """
SELECT bool_and(position(wanted.name in s.sender) > 0)
FROM unnest($1::text[], $2::text[]) AS wanted(chrono, name)
JOIN desk.items i USING (chrono) JOIN desk.search s ON s.id = i.item_id
"""
KIND = """
SELECT DISTINCT ON (i.chrono) i.chrono,
       f.payload::jsonb #>> '{classification,sender_kind}' AS kind
FROM desk.facts f JOIN desk.items i USING (item_id)
WHERE i.chrono = ANY($1) AND f.type IN ('ItemRegistered', 'ItemReclassified')
ORDER BY i.chrono, f.seq DESC
"""


@dataclass(frozen=True)
class Sort:
    """A sort of sender: how they name themselves, what the page proposes, what is right."""

    named: str
    signs: str
    proposed: str
    kind: str


MAILS = (
    Sort("{}", "", "citizen", "citizen"),
    Sort("{}", "La présidente de l’association Les Deux Rives", "association", "association"),
    Sort("{}", "Maire de Saint-Aubin-les-Bois", "elected", "elected"),
    Sort("Garage {}", "", "unknown", "company"),
    Sort("{}", "Avocate au barreau de Châteauroux", "lawyer", "lawyer"),
    Sort("Les voisins de {}", "", "citizen", "association"),
    Sort("{}", "Direction départementale des territoires", "administration", "administration"),
    Sort("SARL {}", "", "company", "company"),
    Sort("Permanence de la députée {}", "", "elected", "elected"),
)
"""Nine: their turn falls on every mailbox and every subject."""
LETTERS = (
    Sort("Mme {}", "", "citizen", "citizen"),
    Sort("Me {}", "Avocate au barreau de Châteauroux", "lawyer", "lawyer"),
)
LETTER_WITHOUT_HEAD = Sort("{}", "", "unknown", "citizen")


@dataclass(frozen=True)
class Sender:
    """One of them."""

    person: str
    """First and last name: no other sender of the day has both."""
    sort: Sort
    headed: bool = True
    """Where the name can be proposed from."""

    @property
    def name(self) -> str:
        """As they name themselves."""
        return self.sort.named.format(self.person)

    @property
    def word(self) -> str:
        """How the pages call their kind."""
        return KINDS[self.sort.kind][1]


def of_mails(number: int, first: int) -> Sequence[Sender]:
    """Of so many mails; `first` tells the people of one day from those of another."""
    return [Sender(PEOPLE[(first + n) % len(PEOPLE)], MAILS[n % len(MAILS)]) for n in range(number)]


def of_letters(number: int, first: int) -> Sequence[Sender]:
    """Of so many letters."""
    people = [PEOPLE[(first + n) % len(PEOPLE)] for n in range(number)]
    return [
        Sender(one, LETTER_WITHOUT_HEAD, headed=False)
        if n % NAMELESS == 0
        else Sender(one, LETTERS[n % len(LETTERS)])
        for n, one in enumerate(people)
    ]


async def authors(live: House, people: Sequence[Sender]) -> Mapping[str, Sender]:
    """Who wrote what is to be sorted, by what stands in it."""
    chronos = [row["chrono"] for row in await live.rows(TO_SORT)]
    await live.when_asked(READ, chronos)
    said = {
        row["chrono"]: " ".join(f"{row['sender']} {row['body']}".split())
        for row in await live.rows(SAID, chronos)
    }
    found = {chrono: who for who in people for chrono, text in said.items() if who.person in text}
    assert len(set(found.values())) == len(found), "each wrote once"
    return found


async def say_who(martine: Person, who: Sender, *, scripts: bool) -> None:
    """The page proposes who writes; the clerk keys what is not so."""
    chosen = martine.page.locator("[name=sender_kind]:checked")
    assert await chosen.get_attribute("value") == who.sort.proposed, who
    kind, (key, _) = who.sort.kind, KINDS[who.sort.kind]
    if kind != who.sort.proposed:
        if scripts:
            await martine.press(key)
        else:
            await martine.click(f"label:has([name=sender_kind][value={kind}])")
        assert await chosen.get_attribute("value") == kind
    named = await martine.page.input_value("[name=sender_name]")
    assert bool(named) is who.headed, named
    assert named == who.name or who.sort not in MAILS, "only a paper can be misread"
    if named != who.name:
        if scripts:
            await martine.press("!")
        else:
            await martine.click(".sender summary")
            await martine.click("[name=sender_name]")
        await martine.page.wait_for_selector("[name=sender_name]:focus")
        await martine.press("Control+a")
        await martine.write(who.name)
        if scripts:
            await martine.press("Escape")


async def assert_known(live: House, martine: Person, kept: Mapping[str, Sender]) -> None:
    """Kind and name of each sender are what the clerk left: in the register and on its pages."""
    kinds = {row["chrono"]: row["kind"] for row in await live.rows(KIND, list(kept))}
    assert kinds == {chrono: who.sort.kind for chrono, who in kept.items()}
    # What is found in the search is written a moment after what was said.
    await live.when_asked(NAMED, list(kept), [who.name for who in kept.values()])
    for chrono in {who.sort: chrono for chrono, who in kept.items()}.values():
        await martine.go(f"/courrier/{chrono}")
        shown = rf"{re.escape(kept[chrono].name)}\b[^()]*\({kept[chrono].word}\)"
        assert re.search(shown, await martine.text()), (chrono, kept[chrono])
