"""Paper for tests: letters typeset, then "scanned" — grey, tilted, noisy — and files made of it."""

import io
from collections.abc import Sequence
from datetime import date, time

import numpy as np
import pypdfium2
import segno
import typst
from PIL import Image, ImageFilter

from shared.paper.codes import PaperCode
from shared.paper.sheets import day_sheets, label_sheets, separator_sheets
from shared.site.tables.identity import Identity, OpeningHours, Postal
from shared.site.tables.services import Service
from tests.code_keys import KEYS

A4 = (8.27, 11.69)
DPI = 150

PREFECTURE = Identity(
    id="indre",
    department="36",
    authority="Préfecture de l’Indre",
    signatory="Pour le préfet et par délégation",
    postal=Postal(street="Place de la Victoire", postcode="36000", town="Châteauroux"),
    phone="02 54 29 50 00",
    email="contact@indre.example",
    website="www.indre.example",
    timezone="Europe/Paris",
    opening=OpeningHours(opens=time(9), closes=time(17)),
    domains=("indre.example",),
    mail_office="courrier",
    legal_office="juridique",
    quality_officer="qualite",
    general_secretary="sg",
    on_call="permanence",
    data_protection="Vos données sont traitées par la préfecture.",
    emergency_line="En cas d’urgence : 17, 112, 114, 3114.",
    desk_url="https://courrier.indre.example",
)


def a_service(code: str, name: str, short: str) -> Service:
    """A service of the préfecture of tests."""
    return Service(
        id=code,
        name=name,
        short=short,
        head="chef",
        director="directrice",
        email=f"{code}@indre.example",
        phone="02 54 29 50 01",
    )


BMI = a_service("bmi", "Bureau des migrations et de l’intégration", "BMI")
DRCL = a_service("drcl", "Direction de la réglementation et des collectivités locales", "DRCL")

_LETTER = """
#set page(width: 210mm, height: 297mm, margin: 24mm)
#set text(font: "Libertinus Serif", size: 12pt, lang: "fr")
#set par(leading: 0.75em, spacing: 1.4em)
#if sys.inputs.qr != "" {
  place(top + left, dy: -14mm, image(bytes(sys.inputs.qr), format: "svg", width: 18mm))
}
#align(right)[Châteauroux, le #sys.inputs.day]
#v(1cm)
Madame, Monsieur,

#for line in sys.inputs.body.split("\\n") { parbreak(); line }

Je vous prie d’agréer, Madame, Monsieur, l’expression de mes salutations distinguées.

#v(2cm)
#align(right)[#sys.inputs.name]
"""

TITRE_DE_SEJOUR = """\
J’ai déposé le 3 mars 2026 une demande de renouvellement de mon titre de séjour.
Mon récépissé arrive à échéance le 30 juin et je n’ai reçu aucune réponse.
Je sollicite votre bienveillance afin que ma situation soit examinée dans les meilleurs délais."""

ASSOCIATION = """\
Nous souhaitons déclarer le changement de bureau de notre association sportive.
Le procès-verbal de l’assemblée générale est joint à ce courrier."""


def a_letter(
    body: str = TITRE_DE_SEJOUR,
    *,
    day: str = "4 mai 2026",
    name: str = "Camille Exemple",
    code: PaperCode | None = None,
    dpi: int = DPI,
) -> Image.Image:
    """Page one of a letter, grey; `code` is a sticker or the code of an outgoing letter."""
    qr = ""
    if code is not None:
        qr = str(segno.make_qr(KEYS.write(code), error="h").svg_inline(border=4, light="#fff"))
    png = typst.compile(
        _LETTER.encode(),
        format="png",
        ppi=dpi,
        ignore_system_fonts=True,
        sys_inputs={"body": body, "day": day, "name": name, "qr": qr},
    )
    return Image.open(io.BytesIO(bytes(png))).convert("L")


def a_blank_back(dpi: int = DPI, *, seed: int = 1) -> Image.Image:
    """The empty back of a page as a copier sees it: not quite white, dust, a dark edge."""
    size = round(A4[0] * dpi), round(A4[1] * dpi)
    back = scanned(Image.new("L", size, 243), noise=3, seed=seed)
    pixels = np.array(back)
    pixels[:, :4] = 60
    dust = np.random.default_rng(seed).integers(60, min(size) - 60, (12, 2))
    pixels[dust[:, 1], dust[:, 0]] = 90
    return Image.fromarray(pixels)


def scanned(
    page: Image.Image, *, tilt: float = 0, noise: float = 0, blur: float = 0, seed: int = 1
) -> Image.Image:
    """The page after a copier: turned by `tilt` degrees, blurred, with Gaussian noise (levels)."""
    turned = page.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=250) if tilt else page
    soft = turned.filter(ImageFilter.GaussianBlur(blur)) if blur else turned
    if not noise:
        return soft
    grain = np.random.default_rng(seed).normal(0, noise, (soft.height, soft.width))
    return Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))


def pictures(pdf: bytes, dpi: int = DPI) -> list[Image.Image]:
    """Each page of a PDF as a grey picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil().copy() for page in document]


def separator(service: Service | None = None, dpi: int = DPI) -> Image.Image:
    """The laminated sheet of a service, or the generic one."""
    sheets = pictures(separator_sheets(PREFECTURE, [service] if service else [], KEYS), dpi)
    return sheets[-1]


def sheet_of(day: date, dpi: int = DPI) -> Image.Image:
    """The sheet of a day."""
    return pictures(day_sheets(PREFECTURE, [day], KEYS), dpi)[0]


def labels(first: int, count: int, dpi: int = DPI) -> list[Image.Image]:
    """Pages of stickers."""
    return pictures(label_sheets(PREFECTURE, first, count, KEYS), dpi)


def as_pdf(pages: Sequence[Image.Image], dpi: int = DPI) -> bytes:
    """A PDF of pictures, as a copier writes it."""
    return _saved(pages, "PDF", resolution=dpi)


def as_tiff(pages: Sequence[Image.Image], dpi: int = DPI) -> bytes:
    """A black and white TIFF of several pages (CCITT group 4), as a fax or copier writes it."""
    return _saved(
        [page.convert("1") for page in pages], "TIFF", compression="group4", dpi=(dpi, dpi)
    )


def as_image(page: Image.Image, kind: str, dpi: int = DPI) -> bytes:
    """One JPEG or PNG."""
    return _saved([page], kind, dpi=(dpi, dpi))


def _saved(pages: Sequence[Image.Image], kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    pages[0].save(out, kind, **more, **how)
    return out.getvalue()
