"""`/qualite/enquetes/N/saisie`: sheets typed one after the other, one screen, digits and Enter.

A sheet is a row of digits, one for each question: a full stop where nothing is ticked. One in
twenty is typed a second time at once; where both differ it is read once more.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages.quality import survey_words
from services.desk.pages.quality.survey import URL, campaign_of, desk, places
from services.desk.pages.visit import Visit
from services.desk.quality.store import survey as store
from services.desk.quality.survey_service import LONGEST, TypedSheet
from shared.facts.quality.survey import TYPED
from shared.facts.vocabulary import SurveyChannel
from shared.web.forms import Form, Mistyped

NOTHING: Final = ".-"
"""What is typed where nothing is ticked."""
DIGITS: Final = "01234"


async def page(visit: Visit) -> Response:
    """Shows the screen to type survey sheets: a new one, its second typing, or a correction."""
    campaign, form = await campaign_of(visit)
    asked = visit.request.query_params
    differing = _places(asked.get("ecarts", ""), len(form.questions))
    return await visit.html(
        "quality/survey_entry.html",
        campaign=campaign,
        form=form,
        levels=survey_words.LEVELS,
        channels=[(channel.value, survey_words.CHANNELS[channel]) for channel in TYPED],
        places=places(visit),
        channel=asked.get("canal", SurveyChannel.COUNTER.value),
        place=asked.get("lieu", ""),
        again=asked.get("encore", ""),
        wrong=asked.get("corriger", ""),
        differing=differing,
        sheets=await store.count(visit.connection, campaign.number),
        longest=LONGEST,
    )


def _places(text: str, most: int) -> Sequence[int]:
    """The numbers of questions that differ, from 1, as an address has them."""
    return [
        int(part)
        for part in text.split(",")
        if part.isdecimal() and int(part) in range(1, most + 1)
    ]


async def enter(visit: Visit) -> Response:
    """Stores a typed survey sheet, or compares or replaces one. Raises Refused."""
    campaign, survey_form = await campaign_of(visit)
    form, number = await visit.form(), campaign.number
    channel = form.word("canal", SurveyChannel)
    if channel not in TYPED:
        raise Mistyped("canal", "Choisissez le canal.")
    place = form.text("lieu")
    typed = answers(form.text("reponses"), len(survey_form.questions))
    home = f"{URL}/{number}/saisie?{urlencode({'canal': channel.value, 'lieu': place})}"
    if form.text("corriger"):
        await desk(visit).correct(number, _id(form, "corriger"), typed)
        return await visit.to(home, said="Feuille corrigée. À la suivante.")
    if form.text("encore"):
        sheet_id = _id(form, "encore")
        differing = await desk(visit).enter_again(number, sheet_id, typed)
        if not differing:
            return await visit.to(home, said="Les deux saisies sont les mêmes. À la suivante.")
        wrong = urlencode(
            {"corriger": sheet_id, "ecarts": ",".join(str(at + 1) for at in differing)}
        )
        return await visit.to(f"{home}&{wrong}", said="Les deux saisies diffèrent.", refused=True)
    sheet = TypedSheet(uuid4(), channel, place, typed, form.text("remarque"))
    if await desk(visit).enter(number, sheet):
        again = f"{home}&{urlencode({'encore': sheet.sheet_id})}"
        return await visit.to(again, said="Feuille gardée : saisissez la même une seconde fois.")
    return await visit.to(home, said="Feuille gardée. À la suivante.")


def _id(form: Form, name: str) -> UUID:
    try:
        return UUID(form.text(name))
    except ValueError:
        raise HTTPException(400, "Ce formulaire est incomplet.") from None


def answers(text: str, questions: int) -> Sequence[int | None]:
    """Parses a survey sheet's answers from a row of digits, ignoring blanks. Raises Mistyped.

    An answer is 0 to 4, or `None` for a sign that nothing was ticked; there is one for each
    question.
    """
    typed = "".join(text.split())
    wrong = sorted({letter for letter in typed if letter not in DIGITS + NOTHING})
    if wrong:
        raise Mistyped(
            "reponses",
            f"« {wrong[0]} » n’est pas une réponse : 0 à 4, un point si rien n’est coché.",
        )
    if len(typed) != questions:
        raise Mistyped(
            "reponses",
            f"{len(typed)} réponse{'s' if len(typed) > 1 else ''} pour {questions} questions :"
            " une par question, un point si rien n’est coché.",
        )
    return [None if letter in NOTHING else int(letter) for letter in typed]
