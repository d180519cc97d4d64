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
    **{("into bmi", one): NOBODY for one in ("head", "director", "quality", "secretary")},
    # To work in the mail office: who leads it.
    ("into the mail office", "agent"): Met("office_head director"),
    **{
        ("into the mail office", one): NOBODY
        for one in ("head", "director", "quality", "secretary")
    },
    # A colleague as deputy: of whom the site names, themselves or two persons.
    ("deputy", "agent"): Met("stranger clerk office_head other_head director"),
    ("deputy", "head"): Met("head", asked="clerk office_head director"),
    ("deputy", "director"): Met("director", asked="clerk office_head"),
    ("deputy", "quality"): Met("quality", asked="clerk office_head"),
    ("deputy", "secretary"): Met("secretary", asked="clerk office_head"),
    # Oneself as deputy of somebody else: nobody.
    **{("deputy of mine", one): NOBODY for one in TARGETS},
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
    **{("record", one): Met(NAMERS) for one in TARGETS},
    # An address is a key: another's changes by two.
    **{("address", one): Met(asked=NAMERS) for one in TARGETS if one != "director"},
    ("address", "director"): Met("director", asked="office_head administrator account"),
    **{("departure", one): Met(NAMERS) for one in TARGETS if one != "director"},
    ("departure", "director"): Met("office_head administrator account"),
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
