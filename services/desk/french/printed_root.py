"""The last root of the evidence as a printed paper carries it: sixteen signs, moment, QR code.

So that each paper that is signed and put away witnesses all that was written before it, out of the
reach of any administrator (ADR 0048). The code opens the page that compares.
"""

from services.desk.domain.roots import Root
from services.desk.french import labels_fr
from shared.paper import qr
from shared.site.tables.bundle import Site


def witness(root: Root | None, site: Site) -> dict[str, str] | None:
    """Returns the last root (seal of the evidence) with its QR code, to print on a paper.

    `None` if there is none. Every signed paper thus witnesses the register's evidence
    (printing/root.typ).
    """
    if root is None:
        return None
    address = f"{site.identity.desk_url.rstrip('/')}/preuve?racine={root.short.replace(' ', '')}"
    return {"said": line(root, site), "short": root.short, "qr": qr.svg(address, "m")}


def line(root: Root | None, site: Site) -> str:
    """Formats the last root (seal of the evidence) in French: « Empreinte du registre, … »."""
    if root is None:
        return ""
    at = labels_fr.moment(root.sealed_at, site.zone)
    return f"Empreinte du registre, scellée le {at} : {root.short}"
