"""Who may do what to whom, and with what is réservé: written by hand, target by target.

Of each act on each target the roles that do it at once (`now`) and those whose word waits for a
second person (`asked`); every other role changes nothing. Site and people are those of
tests/desk_builders.py: d.rector directs every service, the mail office too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ROLES: Final[Mapping[str, str | None]] = {
    "clerk": "c.lerk",
    "office_head": "c.head",
    "agent": "a.gent",
    "colleague": "b.gent",
    "stranger": "r.gent",
    "head": "b.head",
    "other_head": "r.head",
    "legal": "j.head",
    "director": "d.rector",
    "quality": "q.officer",
    "secretary": "s.general",
    "on_call": "o.call",
    "administrator": "x.admin",
    "account": None,
    "deputy_of_secretary": "x.secretary",
    "deputy_of_head": "x.head",
}
"""`administrator` is somebody whom the provider made one, `account` the local account. Secretary
and head are away, and the site trusts no deputy with more than daily acts."""

TARGETS: Final[Mapping[str, str]] = {
    "agent": "r.gent",
    "head": "b.head",
    "director": "d.rector",
    "quality": "q.officer",
    "secretary": "s.general",
}


@dataclass(frozen=True)
class Met:
    """What becomes of an act, by role."""

    now: str = ""
    asked: str = ""

    def of(self, role: str) -> str:
        """`now`, `asked`, or `nothing`."""
        if role in self.now.split():
            return "now"
        return "asked" if role in self.asked.split() else "nothing"


NOBODY: Final = Met()
NAMERS: Final = "office_head director administrator account"
"""They tend names and addresses: who leads the mail office themselves, and administrators."""

PEOPLE: Final[Mapping[tuple[str, str], Met]] = {
    # To work in bmi: its chef and directeur, the mail office; whom the rules name, nobody.
    ("into bmi", "agent"): Met("clerk office_head head director"),
    **{("into bmi", role): NOBODY for role in ("head", "director", "quality", "secretary")},
    # To work in the mail office: who leads it.
    ("into the mail office", "agent"): Met("office_head director"),
    **{
        ("into the mail office", role): NOBODY
        for role in ("head", "director", "quality", "secretary")
    },
    # A colleague as deputy: of whom the site names, themselves or two persons.
    ("deputy", "agent"): Met("stranger clerk office_head other_head director"),
    ("deputy", "head"): Met("head", asked="clerk office_head director"),
    ("deputy", "director"): Met("director", asked="clerk office_head"),
    ("deputy", "quality"): Met("quality", asked="clerk office_head"),
    ("deputy", "secretary"): Met("secretary", asked="clerk office_head"),
    # Oneself as deputy of somebody else: nobody.
    **{("deputy of mine", target): NOBODY for target in TARGETS},
    ("absence", "agent"): Met("stranger clerk office_head other_head director"),
    ("absence", "head"): Met("head clerk office_head director"),
    ("absence", "director"): Met("director clerk office_head"),
    ("absence", "quality"): Met("quality clerk office_head"),
    ("absence", "secretary"): Met("secretary clerk office_head"),
    # To cancel one that was noted: who may note it, and nobody gains by it.
    ("absence cancelled", "agent"): Met("stranger clerk office_head other_head director"),
    ("absence cancelled", "head"): Met("head clerk office_head director"),
    ("absence cancelled", "director"): Met("director clerk office_head"),
    ("absence cancelled", "quality"): Met("quality clerk office_head"),
    ("absence cancelled", "secretary"): Met("secretary clerk office_head"),
    **{("record", target): Met(NAMERS) for target in TARGETS},
    # An address is a key: another's changes by two.
    **{("address", target): Met(asked=NAMERS) for target in TARGETS if target != "director"},
    ("address", "director"): Met("director", asked="office_head administrator account"),
    **{("departure", target): Met(NAMERS) for target in TARGETS if target != "director"},
    ("departure", "director"): Met("office_head administrator account"),
}

NEWCOMERS: Final[Mapping[str, Met]] = {
    # Who tends records adds somebody; into a service, who may fill it as well.
    "nowhere": Met(NAMERS),
    "bmi": Met("office_head director"),
    "the mail office": Met("office_head director"),
    # An address is one person's: nobody signs in as a colleague by being added twice.
    "a colleague's address": NOBODY,
}

AGREES: Final[Mapping[tuple[str, str], Met]] = {
    # b.gent as deputy, asked by the clerk: themselves, who governs them, the mail office.
    ("deputy", "head"): Met("head office_head director"),
    ("deputy", "director"): Met("director office_head"),
    ("deputy", "quality"): Met("quality office_head"),
    ("deputy", "secretary"): Met("secretary office_head"),
    # c.head as deputy: they don't agree to what they gain.
    ("deputy who answers", "head"): Met("head director"),
    ("deputy who answers", "director"): Met("director"),
    ("deputy who answers", "quality"): Met("quality"),
    ("deputy who answers", "secretary"): Met("secretary"),
    # An address, asked by the mail office's head: the person, and who tends addresses.
    ("address", "agent"): Met("stranger director administrator"),
    ("address", "head"): Met("head director administrator"),
    ("address", "director"): Met("director administrator"),
    ("address", "quality"): Met("quality director administrator"),
    ("address", "secretary"): Met("secretary director administrator"),
    # The same, asked by the local account: it is nobody, and agrees to nothing.
    ("address asked by nobody", "agent"): Met("stranger office_head director administrator"),
    ("address asked by nobody", "head"): Met("head office_head director administrator"),
    ("address asked by nobody", "director"): Met("director office_head administrator"),
    ("address asked by nobody", "quality"): Met("quality office_head director administrator"),
    ("address asked by nobody", "secretary"): Met("secretary office_head director administrator"),
}
"""Who may be the second person; whoever asked may think better of it: `GIVES_UP`."""
GIVES_UP: Final[Mapping[str, str]] = {
    "deputy": "clerk",
    "deputy who answers": "clerk",
    "address": "office_head",
    "address asked by nobody": "account",
}

DELEGATIONS: Final[Mapping[tuple[str, str], Met]] = {
    # By their own office, and never of themselves; no deputy does.
    **{("given", role): Met("secretary quality") for role in ("agent", "head", "director")},
    ("given", "quality"): Met("secretary"),
    ("given", "secretary"): Met("quality"),
    # To end one takes a right away: one's own too.
    **{("ended", target): Met("secretary quality") for target in TARGETS},
}

HOURS: Final[Mapping[str, Met]] = {
    # A daily act: who leads the service, whoever stands in for them, the mail office.
    "bmi": Met("clerk office_head head director deputy_of_head"),
    "dre": Met("clerk office_head other_head director"),
    "courrier": Met("clerk office_head director"),
    "juridique": Met("clerk office_head legal director"),
}

READS: Final = "head director secretary"
"""Who reads a réservé item of bmi that nobody holds."""
OUTLINE: Final = "clerk office_head"

RESERVED: Final[Mapping[str, Met]] = {
    "lower": Met(READS),
    "hand to the mail office": Met(READS),
    "move to dre": Met(f"{READS} {OUTLINE}"),
    "undo": Met(READS),
    # Who takes or receives it must belong there: its chef and directeur do.
    "take": Met("head director"),
    "put in copy": Met(f"{READS} {OUTLINE}"),
    "sign": Met(READS),
    "merge": Met(READS),
    "absorb": Met(READS),
}
"""Acts that touch it, by page and by command alike."""
PROOF: Final = READS
