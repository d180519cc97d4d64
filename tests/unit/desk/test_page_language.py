"""In which language a page seems to be written: said only where it is clear, never of French."""

import pytest

from services.desk.domain.page_language import likely_language
from tests.papers import ASSOCIATION, TITRE_DE_SEJOUR

ENGLISH = (
    "Dear Sir or Madam, I am writing to you about the renewal of my residence permit. I have not"
    " received an answer to my letter of March, and I would be grateful if you could tell me when"
    " it will be ready. Yours faithfully"
)
SPANISH = (
    "Estimados señores: les escribo para pedir una copia de mi permiso de conducir, que perdí en"
    " el mes de abril. No he recibido respuesta a mi carta y les ruego que me digan cómo puedo"
    " obtener los documentos por correo. Atentamente"
)
GERMAN = (
    "Sehr geehrte Damen und Herren, ich bitte Sie um eine Kopie der Urkunde, die ich im März bei"
    " Ihnen beantragt habe. Bis heute habe ich keine Antwort auf meinen Brief erhalten und wäre für"
    " eine schnelle Bearbeitung dankbar. Mit freundlichen Grüßen"
)
ITALIAN = (
    "Gentili signori, vi scrivo per chiedere il rinnovo del mio permesso di soggiorno. Non ho"
    " ricevuto una risposta alla mia lettera di marzo e vi prego di dirmi che cosa manca per"
    " completare la domanda. Cordiali saluti"
)
PORTUGUESE = (
    "Exmos. senhores, escrevo para pedir a renovação do meu título de residência. Não recebi"
    " resposta à carta que enviei em março e peço que me digam quais são os documentos que faltam"
    " para o processo. Com os melhores cumprimentos da minha família"
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "anglais"),
        (SPANISH, "espagnol"),
        (GERMAN, "allemand"),
        (ITALIAN, "italien"),
        (PORTUGUESE, "portugais"),
        (TITRE_DE_SEJOUR, None),
        (ASSOCIATION, None),
        (f"{TITRE_DE_SEJOUR} {ENGLISH[:80]}", None),
        (ENGLISH[:60], None),
        ("12 345 - 678 / 90 " * 20, None),
        ("ﬂﬁ jl! ui j)l .l l' uy ot s l 3 sl " * 10, None),
        ("", None),
    ],
)
def test_a_language_is_said_where_the_small_words_are_clear(
    text: str, language: str | None
) -> None:
    assert likely_language(text) == language
