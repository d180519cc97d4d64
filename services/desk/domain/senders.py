"""Who writes, as far as what came says it: a proposal, which a person accepts or corrects.

A mail has it in its head; a scanned letter in the block above its object, as OCR read it. Nothing
here decides: the kind that the site's tables recognised stands, and what looks like nobody in
particular stays unknown.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from shared.content.plis import Correspondent, Pli
from shared.facts.vocabulary import SenderKind
from shared.site.tables.identity import Identity

HEAD: Final = 25
"""Lines of a first page among which the sender's block stands."""
BLOCK: Final = 5
"""Lines of a postal address, name included."""
LONGEST: Final = 80
"""Characters of a line of an address; a longer one is text."""
SIGNATURE: Final = 7
"""Words of a line of a signature; a longer one is a sentence."""
EDGE: Final = 400
"""Characters of the end of a mail in which whoever signs says for whom."""

_POSTCODE = re.compile(r"^(?:F-)?\d{5}\s+[A-ZÀ-Ý][^.!?]{1,40}$")
_ADDRESS = re.compile(r"[^\s@<>,;:()]+@[^\s@<>,;:()]+\.[a-z]{2,}", re.IGNORECASE)
_APART = re.compile(r"\s{3,}|\t")
_STOP = re.compile(
    r"^(?:objet|n/?ref|v/?ref|ref(?:erence)?s?|a l.attention|monsieur le prefet|madame la prefete"
    r"|monsieur,|madame,|madame, monsieur|recommande|lettre recommandee|par courriel|p\.?j\.?)\b"
)
_NO_ADDRESS = re.compile(
    r"^(?:tel|telephone|portable|mobile|fax|courriel|e-?mail|mail|site|numero|n° |ne\(?e?\)? le"
    r"|recu le|courrier arrive)\b|\d{2}(?:[ .]\d{2}){4}"
)
_RUBBISH = re.compile(
    r"[|*_{}\[\]~=<>”“£§\\]|^\W*\w?\W*$|[a-zà-ÿ][A-ZÀ-Ý]{2}|[A-ZÀ-Ý]{2}[a-zà-ÿ]+[A-ZÀ-Ý]"
)
"""What no line of an address has: a stamp over it, a stroke of a pen."""
_STAMPED = re.compile(r"(?<=\w\s\w)(\w*)\s+(?:COURRIER|ARRIV[ÉE]{1,2}(?: LE)?|REÇUE?(?: LE)?)\b.*$")
"""Words of a stamp that stands beside an address, behind two words at least."""
_PLACE = re.compile(
    r"^(?:\d|bp\b|cs\b|(?:rue|chemin|route|avenue|boulevard|place|allee|impasse|lieu-dit|lieu dit"
    r"|residence|batiment|bat|appartement|apt|immeuble|chez|cedex)\b)"
)
"""How a line of an address begins that is nobody's name."""
_DATED = re.compile(r"\ble \d{1,2}(?:er)? \w+ \d{4}|\ble \d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")
_PERSON = re.compile(r"^(?:m|mr|mme|mlle|monsieur|madame|mademoiselle)\.? [a-z]")
_OF_A_STAMP = re.compile(
    r"^(?:arrivee?s?|recue?s?|courriers?|service courrier|bureau du courrier)(?: le)?$"
    r"|(?<!\bdu )\b\d{1,2} [a-z]{3,9}\.? 20\d{2}\b"
)
"""Words of a stamp, or its day: streets bear days of other centuries, « rue du 8 mai 1945 »."""
_BOX = re.compile(r"\bcs \d{3,5}\b")
_ORGANISATION = re.compile(
    r"\b(?:association|amicale|comite|federation|union|syndicat|club|collectif|fondation|societe"
    r"|entreprise|ste|sarl|eurl|sas|sasu|sa|sci|scp|selarl|snc|gaec|earl|groupe|agence|cabinet"
    r"|office|etude|notaire|avocat|avocate|maitre|me|huissier|mairie|commune|departement|region"
    r"|conseil|communaute|prefecture|sous-prefecture|direction|service|services|bureau|secretariat"
    r"|secretaire|ministere|rectorat|academie|tribunal|cour|greffe|parquet|hopital|centre|chu|ehpad"
    r"|ecole|college|lycee|universite|foyer|mission|maison|chambre|caisse|banque|assurance"
    r"|assurances|mutuelle|garage|restaurant|boutique|radio|journal|redaction|gerant|gerante"
    r"|president|presidente|directeur|directrice|depute|deputee|senateur|senatrice|maire|siret"
    r"|siren|rcs|ccas|cpam|caf|msa|urssaf|ofii|onac|contact|info|accueil|administration)\b"
)
_HOMES: Final = re.compile(
    r"@(?:[\w-]+\.)?(?:gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|icloud|me|mac|aol|gmx"
    r"|mailo|laposte|orange|wanadoo|free|sfr|neuf|cegetel|bbox|numericable|club-internet"
    r"|aliceadsl|protonmail|proton|pm|tutanota|zaclys)\.[a-z.]{2,6}$",
    re.IGNORECASE,
)
"""Providers at which private persons have their mailbox."""


def proposed_kind(known: SenderKind, pli: Pli | None, who: Correspondent) -> SenderKind:
    """Proposes the kind of sender: what the site's tables recognised, else a private person.

    A private person is proposed if name, address and signature show a person's name and nothing of
    an organisation.
    """
    if known is not SenderKind.UNKNOWN or pli is None or pli.on_behalf is not None:
        return known
    ends = "" if pli.kind == "scan" else f"{pli.text[:EDGE]}\n{pli.text[-EDGE:]}"
    said = _plain(f"{who.name} {who.postal} {who.address.partition('@')[0]}")
    if _ORGANISATION.search(said) or _signed_for_others(ends):
        return known
    return SenderKind.CITIZEN if _is_a_person(pli, who) else known


def _is_a_person(pli: Pli, who: Correspondent) -> bool:
    name = _plain(who.name)
    parts = [part for part in re.split(r"[\s,]+", name) if len(part) > 1]
    named = 2 <= len(parts) <= 5 and all(re.fullmatch(r"[a-z'.-]+", part) for part in parts)  # noqa: PLR2004  (names have two to five words)
    if _PERSON.match(name):
        return True
    if pli.kind in {"scan", "form", "keyed"}:
        return named
    return named or _HOMES.search(who.address) is not None


def _signed_for_others(ends: str) -> bool:
    """Whether a line of its beginning or end names an organisation and little else."""
    lines = (_plain(line) for line in ends.splitlines())
    return any(
        len(line.split()) <= SIGNATURE and _ORGANISATION.search(line) and _heads(line)
        for line in lines
    )


def _heads(line: str) -> bool:
    """Whether a line looks like a signature, not like a sentence."""
    return not line.endswith((".", ",", ":", "?", "!")) and not line.startswith(
        ("objet", "je ", "bonjour", "madame", "monsieur", "pour ", "a l’attention", "cordialement")
    )


def letterhead(
    pages: Sequence[str], identity: Identity, head: Sequence[Sequence[str]] = ()
) -> Correspondent:
    """Reads the sender's name and addresses from the head of a scanned letter.

    `head`: the blocks of its first page, where they were told apart; without them its lines are
    read as they come. Returns an empty correspondent if none is found.
    """
    lines = list(_head(pages[0] if pages else ""))
    columns = [_lines_of(block) for block in head]
    found = (_block(block, identity) for block in columns or [lines])
    block = next((block for block in found if block), [])
    of_all = [line for column in columns for line in column] or lines
    seen = (_ADDRESS.search(line) for line in of_all)
    address = next((match[0] for match in seen if match), "")
    if address.rpartition("@")[2].lower() in identity.domains:
        address = ""
    if not block:
        named = (line for line in lines[:BLOCK] if _PERSON.match(_plain(line)))
        return Correspondent(name=next(named, ""), address=address)
    # A stamp over it, or a flourish: whose name is not read is nobody's, least of all the street's.
    name, postal = ("", block) if _PLACE.match(_plain(block[0])) else (block[0], block[1:])
    return Correspondent(name=name, address=address, postal="\n".join(postal))


def _lines_of(block: Sequence[str]) -> list[str]:
    """The lines of a block above its object, without those that OCR read as rubbish."""
    lines = list[str]()
    for line in (" ".join(line.split()) for line in block):
        if _STOP.match(_plain(line)) or len(line) > LONGEST:
            break
        bare = _STAMPED.sub(r"\1", line)
        lines.append("" if _RUBBISH.search(bare) else bare)
    return lines


def _head(page: str) -> Iterator[str]:
    """The lines above the object, without what OCR put beside them, days and telephones."""
    for number, raw in enumerate(page.splitlines()):
        first = _APART.split(raw.strip())[0] if raw.strip() else ""
        line = " ".join(first.split())
        plain = _plain(line)
        if number >= HEAD or (line and _STOP.match(plain)):
            return
        if len(line) > LONGEST:
            return
        yield line


def _block(lines: Sequence[str], identity: Identity) -> list[str]:
    """The first lines that end with a postcode and are not our own address."""
    for at, line in enumerate(lines):
        found = _POSTCODE.match(line)
        if found is None:
            continue
        block: list[str] = []
        for before in reversed(lines[: at + 1]):
            if not before and len(block) > 1 and not block[0][0].isdigit():
                break  # a street alone has no name yet: OCR leaves lines between lines
            if before:
                block.insert(0, before)
            if len(block) > BLOCK:
                break
        kept = [line for line in block if not _unfit(line)]
        if len(kept) > 1 and not _ours(kept, identity):
            return kept[-BLOCK:]
    return []


def _unfit(line: str) -> bool:
    plain = _plain(line)
    of_others = (_NO_ADDRESS, _DATED, _OF_A_STAMP)
    return _ADDRESS.search(line) is not None or any(pattern.search(plain) for pattern in of_others)


def _ours(block: Sequence[str], identity: Identity) -> bool:
    """Whether it is the préfecture's own address, to which the letter was sent."""
    plain = _plain(" ".join(block))
    ours = (identity.authority, identity.postal.street)
    at_ours = _plain(identity.postal.town) in plain and _BOX.search(plain) is not None
    return (
        at_ours
        or any(_plain(name) in plain for name in ours)
        or plain.startswith(("prefecture", "monsieur le prefet", "madame la prefete", "le prefet"))
    )


def _plain(text: str) -> str:
    """Lower case without accents, single spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(bare.replace("\u2019", "'").split())
