"""In which language a page seems to be written: said only where it is clear, never of French."""

import pytest

from services.desk.domain.page_language import language_code, likely_language
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


ARABIC = "السلام عليكم، أريد تجديد بطاقة الإقامة الخاصة بي. شكرا"
PERSIAN = "سلام، پرونده من چه زمانی آماده می‌شود؟"
RUSSIAN = "Здравствуйте, я хочу продлить вид на жительство."
UKRAINIAN = "Добрий день, я хочу подовжити посвідку. Її ще немає."
CHINESE, JAPANESE = "您好，我想更新我的居留证。", "こんにちは、滞在許可証の更新をお願いします。"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        (SPANISH, "es"),
        (GERMAN, "de"),
        (ITALIAN, "it"),
        (PORTUGUESE, "pt"),
        (ARABIC, "ar"),
        (PERSIAN, "fa"),
        (RUSSIAN, "ru"),
        (UKRAINIAN, "uk"),
        (CHINESE, "zh"),
        (JAPANESE, "ja"),
        (f"{ARABIC} Amina", "ar"),
        (f"{TITRE_DE_SEJOUR} {ARABIC}", None),
        (TITRE_DE_SEJOUR, None),
        ("« L’œuvre – à 5 € » …", None),
        ("", None),
    ],
)
def test_a_text_has_the_code_of_its_language_where_that_is_clear(
    text: str, code: str | None
) -> None:
    assert language_code(text) == code
