"""What quality prints as PDF: the fiche d'écart of a finding, posters, the COPIL sheet."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from services.desk.quality.domain.label_facts import AuditFinding
from shared.paper.typst_pdf import typeset

_HERE: Final = Path(__file__).parents[1] / "printing"


@dataclass(frozen=True, slots=True)
class FindingTexts:
    """The texts of an audit finding; empty: not written yet."""

    finding: str
    cause: str = ""
    correction: str = ""
    action: str = ""
    decision: str = ""


def gap_sheet(
    found: AuditFinding, grade: str, engagement: str, said: FindingTexts, by: str, authority: str
) -> bytes:
    """Renders a finding's fiche d'écart (nonconformity sheet) as PDF, blanks where unwritten."""
    answered, lifted = found.answered, found.lifted
    last = found.stated.on if lifted is None else lifted.on
    data = {
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
    return compile_pdf("finding.typ", last, data)


def compile_pdf(template: str, dated: date, data: Mapping[str, Any]) -> bytes:
    """Renders a template of `printing/` as PDF. Slow: call it in a thread.

    `dated`: the day written into the file as its date: a day of the content, so that the same
    content always gives the same bytes.
    """
    given = {**data, "dated": {"year": dated.year, "month": dated.month, "day": dated.day}}
    return typeset(_HERE / template, {"data": given})
