"""The fiche d'écart of a finding as PDF: what was found, cause, correction, action, decision."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import typst

from services.desk.quality.domain.label_facts import AuditFinding

_HERE: Final = Path(__file__).parents[1] / "printing"


@dataclass(frozen=True, slots=True)
class FindingTexts:
    """The texts of a finding; empty: nobody wrote it yet."""

    finding: str
    cause: str = ""
    correction: str = ""
    action: str = ""
    decision: str = ""


def printed(
    found: AuditFinding, grade: str, engagement: str, said: FindingTexts, by: str, authority: str
) -> bytes:
    """The PDF of a fiche d'écart: what nobody wrote yet is left blank, to be filled by hand."""
    answered, lifted = found.answered, found.lifted
    # PDF/A wants a date: that of what is printed, so that printing again gives the same octets.
    last = found.stated.on if lifted is None else lifted.on
    data = {
        "dated": {"year": last.year, "month": last.month, "day": last.day},
        "authority": authority,
        "number": found.number,
        "grade": grade,
        "engagement": engagement,
        "on": f"{found.stated.on:%d/%m/%Y}",
        "by": by,
        "due": "" if answered is None else f"{answered.due:%d/%m/%Y}",
        "lifted": "" if lifted is None else f"{lifted.on:%d/%m/%Y}",
        "said": asdict(said),
    }
    return bytes(
        typst.compile(
            _HERE / "finding.typ",
            root=_HERE,
            format="pdf",
            pdf_standards="a-2b",
            sys_inputs={"data": json.dumps(data)},
            ignore_system_fonts=True,
        )
    )
