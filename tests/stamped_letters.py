"""Made letters as a mail office scans them: a sender's block, a stamp or none, and what misleads.

Each comes with what is true of it. Everything follows from a number, so that a run can be repeated.
"""

import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import typst
from PIL import Image

from tests.papers import scanned

DPI: Final = 200
SEEN: Final = date(2026, 11, 16)
"""The local day on which these letters are scanned."""
_PAGE: Final = """
#set page(width: 210mm, height: 297mm, margin: 22mm)
#set text(font: "Libertinus Serif", size: 11.5pt, lang: "fr")
#set par(leading: 0.7em, spacing: 1.3em)
#let data = json(bytes(sys.inputs.data))
#for s in data.stamps {
  place(top + left, dx: s.x * 1mm, dy: s.y * 1mm, rotate(s.angle * 1deg, box(
    stroke: if s.frame { 1.2pt + rgb(s.color) } else { none }, inset: 5pt, align(center)[
    #set text(font: s.font, fill: rgb(s.color), size: s.size * 1pt, weight: "bold")
    #set par(leading: 0.45em)
    #for line in s.lines { [#line #linebreak()] }
  ])))
}
#let sender = for line in data.sender [#line #linebreak()]
#let to = for line in data.to [#line #linebreak()]
#if data.layout == "letterhead" {
  align(center)[#sender]
  v(8mm)
  align(right, box(width: 75mm, align(left)[#to]))
}
#if data.layout == "left" { grid(columns: (1fr, 75mm), sender, [#v(18mm) #to]) }
#if data.layout == "level" { grid(columns: (1fr, 75mm), sender, to) }
#v(6mm)
#align(right)[#data.dated]
#v(4mm)
*Objet :* #data.subject

Madame, Monsieur,

#for line in data.body { parbreak(); line }

Je vous prie d’agréer, Madame, Monsieur, l’expression de mes salutations distinguées.

#v(1cm)
#align(right)[#data.name]
"""
_FULL: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
)  # fmt: skip
_SHORT: Final = (
    "JAN.",
    "FÉV.",
    "MARS",
    "AVR.",
    "MAI",
    "JUIN",
    "JUIL.",
    "AOÛT",
    "SEPT.",
    "OCT.",
    "NOV.",
    "DÉC.",
)
_NAMES: Final = (
    "Camille EXEMPLE", "M. Renaud Tilleul", "Mme Solange Bruyère", "Madame et Monsieur VERNOUX",
    "Yacine Belmadi", "Mlle Odile Charpentreau", "Jean-Baptiste LE GOFFIC", "Fatou Sarr-Delorme",
    "Association des Amis du Bois-Joli", "SARL Plomberie Marchoux", "Cabinet d’avocats Rivière",
)  # fmt: skip
_STREETS: Final = (
    ("14 bis, rue des Tanneurs",), ("3 chemin du Moulin Brûlé",), ("Lieu-dit Les Grandes Brosses",),
    ("Résidence Les Acacias", "Bâtiment C, appartement 12", "27 avenue de Verdun"),
    ("Chez Mme Auroy", "8 place de la Halle"), ("BP 40012", "112 route de Tours"),
)  # fmt: skip
_TOWNS: Final = (
    "36100 ISSOUDUN", "36000 Châteauroux", "36300 LE BLANC", "18000 BOURGES", "75011 PARIS",
    "37600 Loches", "87000 LIMOGES CEDEX 3",
)  # fmt: skip
_BEYOND: Final = (
    (), ("06 12 34 56 78",), ("Tél. : 02 54 00 11 22", "courriel : c.exemple@orange.example"),
)  # fmt: skip
_BODIES: Final = (
    "J’ai déposé le 3 mars 2026 une demande de renouvellement de mon titre de séjour.",
    "Votre courrier reçu le 2 octobre 2026 me demande des pièces que j’ai déjà envoyées.",
    "Nous avons bien reçu le 12/10/2026 votre lettre et nous en contestons les termes.",
    "Mon permis de conduire est arrivé le 5 septembre 2026 avec une erreur sur mon nom.",
    "Nous organisons une course cycliste et sollicitons une autorisation pour cette épreuve.",
)
_TO: Final = (
    ("Monsieur le Préfet de l’Indre", "Place de la Victoire et des Alliés", "36000 CHÂTEAUROUX"),
    ("Préfecture de l’Indre", "Bureau des étrangers", "CS 80583", "36019 CHÂTEAUROUX CEDEX"),
)


@dataclass(frozen=True, slots=True)
class StampedLetter:
    """A made first page and what is true of it."""

    picture: Image.Image
    """Grey, at `DPI` dots per inch, as a copier gives it."""
    stamp: date | None
    """The day that its own stamp of arrival says, if it may be the day of receipt."""
    name: str
    postcode_line: str


def a_stamped_letter(number: int) -> StampedLetter:
    """Makes the letter of a number: one in three has no stamp, one in ten another one's."""
    dice = random.Random(number)  # noqa: S311  (made letters, no secret)
    day = SEEN - timedelta(days=dice.randrange(0, 12))
    name, street, town = dice.choice(_NAMES), dice.choice(_STREETS), dice.choice(_TOWNS)
    what = dice.random()
    stamps = [_stamp(dice, day)]
    true: date | None = day
    if what < 0.33:
        stamps, true = [], None
    elif what < 0.43:  # a copy of an old letter: its stamp is no day of receipt
        stamps, true = [_stamp(dice, day - timedelta(days=dice.randrange(100, 900)))], None
    written = day - timedelta(days=dice.randrange(1, 6))
    data: dict[str, Any] = {
        "stamps": stamps,
        "sender": [name, *street, town, *dice.choice(_BEYOND)],
        "to": dice.choice(_TO),
        "layout": dice.choice(("left", "left", "level", "letterhead")),
        "dated": f"{town.split()[1].title()}, le {written.day} {_FULL[written.month - 1]} 2026",
        "subject": "demande",
        "body": [dice.choice(_BODIES), *dice.sample(_BODIES, 2)],
        "name": name,
    }
    page = scanned(
        _drawn(data),
        tilt=dice.uniform(-1.5, 1.5),
        noise=dice.uniform(0, 12),
        blur=dice.uniform(0, 0.8),
        seed=number,
    )
    return StampedLetter(page, true, name, town)


def _stamp(dice: random.Random, day: date) -> dict[str, Any]:
    place = dice.choice(("top", "top", "right", "left", "middle"))
    x, y = {
        "top": (dice.uniform(60, 95), dice.uniform(-12, -4)),
        "right": (dice.uniform(105, 120), dice.uniform(48, 55)),
        "left": (dice.uniform(0, 20), dice.uniform(52, 60)),
        "middle": (dice.uniform(45, 60), dice.uniform(205, 225)),
    }[place]
    return {
        "lines": _lines(dice, day),
        "x": x,
        "y": y,
        "angle": dice.uniform(-6, 6),
        "frame": dice.random() < 0.6,
        "color": dice.choice(("#303090", "#b02020", "#202020", "#7a3fa0", "#5c5c9c")),
        "font": dice.choice(("DejaVu Sans Mono", "New Computer Modern", "Libertinus Serif")),
        "size": dice.uniform(9, 13),
    }


def _lines(dice: random.Random, day: date) -> Sequence[str]:
    short = f"{day.day:02d} {_SHORT[day.month - 1]} {day.year}"
    long = f"{day.day} {_FULL[day.month - 1]} {day.year}"
    figures = f"{day:%d/%m/%Y}"
    return dice.choice(
        (
            ("PRÉFECTURE DE L’INDRE", "ARRIVÉE LE", short, "COURRIER"),
            (f"Reçu le {figures}",),
            ("COURRIER ARRIVÉ", short),
            ("REÇU LE", f"{day:%d.%m.%y}"),
            ("ARRIVÉE", short),
            ("Bureau du courrier", f"Arrivé le {long}"),
            ("REÇU", figures, "SERVICE COURRIER"),
            ("COURRIER REÇU LE", short),
            (short,),
        )
    )


def _drawn(data: dict[str, Any]) -> Image.Image:
    png = typst.compile(
        _PAGE.encode(),
        format="png",
        ppi=DPI,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )
    return Image.open(io.BytesIO(bytes(png))).convert("L")
