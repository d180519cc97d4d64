"""`/qualite/label/retirer`: takes back what was stated of the label by mistake."""

from typing import Final

from starlette.responses import Response

from services.desk.pages.quality import label, label_dates, label_findings, label_framework
from services.desk.pages.visit import Visit
from services.desk.quality.domain.label_facts import Statement
from shared.facts.quality.label import (
    FindingLifted,
    FindingStated,
    FrameworkRead,
    ProofFiled,
    StepHeld,
)
from shared.web.forms import Mistyped

PATH: Final = f"{label.HOME}/retirer"


async def withdraw(visit: Visit) -> Response:
    """Withdraws a statement about the label made by mistake, and shows the page where it stood."""
    label.need_second(visit)
    form = await visit.form()
    seq = form.number("fait")
    if seq is None:
        raise Mistyped("fait", "Choisissez ce qui est à retirer.")
    why = form.require("motif", "Dites pourquoi : un auditeur le lira.")
    fact = await label.service(visit).withdraw(seq, why)
    return await visit.to(_page(fact), said="Retiré : la chaîne de preuve garde les deux.")


def _page(fact: Statement) -> str:
    match fact:
        case ProofFiled():
            return f"{label.HOME}/engagements/{fact.engagement}"
        case StepHeld():
            return label_dates.PATH
        case FindingStated():
            return label_findings.PATH
        case FindingLifted():
            return f"{label_findings.PATH}/{fact.number}"
        case FrameworkRead():
            return label_framework.PATH
