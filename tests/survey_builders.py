"""The survey of the tests' préfecture: two places, a form of three questions in two versions."""

from datetime import date

from shared.site.tables.survey import (
    SheetTranslation,
    SurveyForm,
    SurveyMail,
    SurveyPlace,
    SurveyQuestion,
    SurveyTable,
)

QUESTIONS = (
    SurveyQuestion(id="attente", text="Le temps d’attente vous a-t-il convenu ?"),
    SurveyQuestion(id="accueil", text="Avez-vous été bien accueilli ?"),
    SurveyQuestion(id="site", text="Le site internet vous a-t-il servi ?"),
)


def a_survey() -> SurveyTable:
    """Version 2 words one question anew; invitations leave by mail where a campaign says so."""
    first = SurveyForm(
        id="usagers",
        version=1,
        title="Votre avis sur la préfecture",
        intro="Deux minutes, sans votre nom.",
        questions=QUESTIONS,
        free_text="Une remarque ?",
    )
    other = SurveyQuestion(id="site", text="Avez-vous trouvé sur le site ce que vous cherchiez ?")
    second = first.model_copy(update={"version": 2, "questions": (*QUESTIONS[:2], other)})
    return SurveyTable(
        places=(
            SurveyPlace(id="accueil", name="Accueil général"),
            SurveyPlace(id="pan", name="Point d’appui numérique"),
        ),
        forms=(first, second),
        translations=(
            SheetTranslation(
                form="usagers-1",
                language="en",
                named="anglais",
                title="Your opinion of the préfecture",
                directions="One cross on each line. Write no name.",
                levels=("very bad", "rather bad", "rather good", "very good", "does not apply"),
                questions={
                    "attente": "Was the waiting time acceptable?",
                    "accueil": "Were you well received?",
                    "site": "Was the website useful?",
                },
                free_text="A remark?",
                reviewed_by="Odile Blanchet",
                reviewed_on=date(2026, 4, 20),
            ),
        ),
        mail=SurveyMail(),
    )
