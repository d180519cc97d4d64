"""How long a label lasts is what its framework says, whichever it is."""

from services.desk.pages.quality import label_words
from shared.site.tables.quality import Framework


def framework(**months: int) -> Framework:
    """A framework whose calendar has these kinds of steps, each at one month."""
    source = {"text": "Essai", "certainty": "published"}
    texts = {"follow_up": "Audit de suivi", "renewal": "Audit de renouvellement", "end": "Fin"}
    row = {
        "id": "a", "module": 1, "text": "Accueil", "rule": "Accueil", "owner": "qualite",
        "source": source,
        "evidence": [{"kind": "check", "code": "a", "text": "Accueil"}],
    }  # fmt: skip
    steps = [
        {"id": f"pas-{at}", "kind": kind, "at": [at], "text": texts[kind], "source": source}
        for kind, at in months.items()
    ]
    return Framework.model_validate(
        {"id": "autre", "version": "1", "title": "Autre", "engagements": [row], "calendar": steps}
    )


def test_a_framework_with_other_months_is_said_in_its_own() -> None:
    said = label_words.duration(framework(follow_up=12, renewal=22, end=24))
    assert said.replace("\N{NO-BREAK SPACE}", " ") == (
        "Le label vaut 24 mois : audit de suivi à 12 mois, audit de renouvellement à 22 mois."
    )
    assert label_words.duration(framework(end=24)) == "Le label vaut 24 mois."
    assert label_words.duration(framework(renewal=22)) == ""
