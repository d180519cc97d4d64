"""Scans, forms and papers handed in: from what was read to what is told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.ingest.domain.document import Illegible, Legible, PaperDeparture, ScannedDocument
from services.ingest.domain.judge_form import judge_form, judge_upload
from services.ingest.domain.judge_scan import identity_of_scan, judge_scan
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.observation_judgements import DepartureJudgement
from services.ingest.papers import whole_paper
from shared.content.follow_codes import follow_code
from shared.content.spool import FollowedNumber, FormDeposit, UploadDeposit, spool_file
from shared.facts.arrival_base import TokenThread
from shared.facts.arrivals import Quarantine
from shared.facts.envelope import At, Chrono, Digest, On, PersonId, ServiceId
from shared.facts.vocabulary import Channel, Confidentiality, Nature, NoticeKind, Theme
from shared.paper import form
from shared.site.tables.mailboxes import ScanFolder
from tests.ingest_builders import SECRET, indre_rules

ARRIVALS = ScanFolder(id="courrier", folder="courrier", service="courrier")
DEPARTURES = ScanFolder(id="departs", folder="departs", service="courrier", departures=True)
CHRONO = Chrono("36-2026-A-000123")
A_LETTER = ScannedDocument(
    source="scans:courrier",
    file=Digest("f" * 64),
    first_page=2,
    last_page=3,
    octets=b"%PDF",
    media_type="application/pdf",
    name="lot.pdf",
    first_seen=datetime(2026, 5, 11, 22, 30, tzinfo=UTC),
    reading=Legible(("Je demande un titre de séjour.", "Cordialement"), 92),
    day=date(2026, 5, 11),
    day_from="sheet",
    label="36-000045",
)
FORM = FormDeposit(
    id=UUID(int=1),
    at=datetime(2026, 5, 11, 8, tzinfo=UTC),
    name="Renée Dupont",
    email="renee@orange.example",
    subject="Accueil",
    text="Je n'ai pas pu entrer.",
)


def judged(document: ScannedDocument, folder: ScanFolder = ARRIVALS) -> ArrivalJudgement:
    found = judge_scan(document, folder, indre_rules())
    assert isinstance(found, ArrivalJudgement)
    return found


def test_a_letter_is_received_on_the_day_of_its_sheet() -> None:
    one = judged(A_LETTER)
    assert one.receipt == On(day=date(2026, 5, 11))
    assert not one.provisional
    assert one.happened_at == datetime(2026, 5, 10, 22, tzinfo=UTC)
    assert one.channel is Channel.LETTER
    assert one.routing.category == "titre-de-sejour"
    assert one.scan is not None
    assert one.scan.label == "36-000045"


def test_without_a_day_first_seen_is_provisional_and_local() -> None:
    one = judged(replace(A_LETTER, day=None, day_from="first_seen"))
    assert one.receipt == On(day=date(2026, 5, 12))
    assert one.provisional


def test_the_separators_service_takes_what_no_rule_knows() -> None:
    unknown = replace(A_LETTER, reading=Legible(("Illisible",), 12), separator=ServiceId("armes"))
    assert judged(unknown).routing.service == "armes"


def test_a_sheet_that_anybody_prints_gives_a_home_and_fires_no_rule() -> None:
    unknown = replace(A_LETTER, reading=Legible(("Illisible",), 12))
    ours = judged(replace(unknown, separator=ServiceId("armes"))).routing
    theirs = judged(replace(unknown, home=ServiceId("armes"))).routing
    assert (ours.rule, ours.service) == ("feuille-armes", "armes")
    assert (theirs.rule, theirs.service, theirs.certain) == ("fallback", "armes", None)


def test_a_scan_that_cannot_be_opened_is_quarantined() -> None:
    one = judged(replace(A_LETTER, reading=Illegible("scan-encrypted")))
    assert one.verdict == Quarantine(reason="scan-encrypted")
    assert one.pli is None


def test_a_missed_separator_is_told() -> None:
    one = judged(replace(A_LETTER, missed_separator=True))
    assert one.scan is not None
    assert one.scan.missed_separator
    assert one.pli is not None
    assert one.pli.scan is not None
    assert one.pli.scan.missed_separator


def test_our_code_in_the_folder_of_departures_is_a_departure() -> None:
    leaving = replace(A_LETTER, departure=PaperDeparture(CHRONO, NoticeKind.REPLY))
    found = judge_scan(leaving, DEPARTURES, indre_rules())
    assert isinstance(found, DepartureJudgement)
    assert (found.chrono, found.kind) == (CHRONO, NoticeKind.REPLY)


def test_our_code_in_the_folder_of_arrivals_names_an_item_and_is_no_thread() -> None:
    returned = judged(replace(A_LETTER, named=frozenset({CHRONO})))
    assert returned.threads == ()
    assert returned.scan is not None
    assert (returned.scan.refers_to, returned.scan.refers_by_code) == (CHRONO, True)


def test_codes_of_several_items_are_told_and_the_text_proposes_none() -> None:
    other = Chrono("36-2026-A-000124")
    paper = replace(
        A_LETTER,
        reading=Legible((f"Votre lettre {CHRONO}",), 92),
        named=frozenset({other, CHRONO}),
    )
    scan = judged(paper).scan
    assert scan is not None
    assert (scan.refers_to, scan.refers_by_code, scan.coded_for) == (None, False, (CHRONO, other))


def test_a_number_that_a_letter_cites_names_an_item_without_a_code() -> None:
    cites = judged(replace(A_LETTER, reading=Legible((f"Votre lettre {CHRONO}",), 92)))
    assert cites.scan is not None
    assert (cites.scan.refers_to, cites.scan.refers_by_code) == (CHRONO, False)
    plain = judged(A_LETTER)
    assert plain.scan is not None
    assert (plain.scan.refers_to, plain.scan.refers_by_code) == (None, False)


def test_a_departure_without_code_waits_for_a_person() -> None:
    assert judged(A_LETTER, DEPARTURES).verdict == Quarantine(reason="departure-without-code")


def test_pages_of_one_file_are_different_arrivals() -> None:
    assert identity_of_scan(A_LETTER) != identity_of_scan(replace(A_LETTER, first_page=1))


def test_what_is_printed_on_our_paper_form_is_nobodys_word() -> None:
    identity = indre_rules().site.identity
    blank = "\n".join(form.printed_sentences(identity))
    misread = blank.replace("réclamation", "réclarnation").replace("téléphone", "téléphane")
    for page in (blank, misread):
        one = judged(replace(A_LETTER, form=True, reading=Legible((page,), 80)))
        assert (one.routing.nature, one.routing.danger) == (Nature.UNKNOWN, False)
        assert one.routing.rule == "fallback"
    written = f"{misread}\nIl me frappe, je suis au guichet\npour mon titre de séjour"
    one = judged(replace(A_LETTER, form=True, reading=Legible((written,), 80)))
    assert (one.routing.danger, one.routing.category) == (True, "titre-de-sejour")
    assert one.scan is not None
    assert one.scan.form


def test_a_form_is_received_when_its_page_took_it() -> None:
    one = judge_form(FORM, indre_rules())
    assert one.receipt == At(instant=datetime(2026, 5, 11, 8, tzinfo=UTC))
    assert one.channel is Channel.FORM
    assert one.automatic is None
    assert one.pli is not None
    assert one.pli.answer_to.address == "renee@orange.example"


def test_what_is_added_to_a_letter_belongs_to_it_by_the_code_of_its_receipt_alone() -> None:
    right = follow_code(SECRET, CHRONO).code
    for code, threads in (
        (right, (TokenThread(chrono=CHRONO),)),
        (right.lower(), (TokenThread(chrono=CHRONO),)),
        ("AAAAAAAAAA", ()),
        (follow_code(SECRET, Chrono("36-2026-A-000124")).code, ()),
        (SECRET.sign("chrono", CHRONO), ()),
    ):
        follows = FollowedNumber(chrono=CHRONO, code=code)
        one = judge_form(FORM.model_copy(update={"follows": follows}), indre_rules())
        assert one.threads == threads, code
    assert judge_form(FORM, indre_rules()).threads == ()


def test_what_the_antivirus_could_not_look_at_is_said_beside_the_file() -> None:
    file = spool_file("a.pdf", "application/pdf", b"octets")
    files = (file, file.model_copy(update={"unlooked": True}))
    one = judge_form(FORM.model_copy(update={"files": files}), indre_rules())
    assert one.pli is not None
    assert [attached.unlooked for attached in one.pli.attachments] == [False, True]


def test_a_complaint_by_the_form_is_a_complaint() -> None:
    one = judge_form(FORM.model_copy(update={"complaint": True}), indre_rules())
    assert one.routing.nature is Nature.COMPLAINT


def test_what_a_person_says_of_their_form_wins_over_its_words_save_an_appeal() -> None:
    chaser = FORM.model_copy(update={"text": "Je vous relance.", "suggestion": True})
    assert judge_form(chaser, indre_rules()).routing.nature is Nature.SUGGESTION
    appeal = {"text": "Ceci est un recours gracieux.", "complaint": True}
    routing = judge_form(FORM.model_copy(update=appeal), indre_rules()).routing
    assert (routing.nature, routing.hold) == (Nature.APPEAL, "recours")


def test_the_theme_that_a_person_chose_names_the_service() -> None:
    form = FORM.model_copy(update={"text": "Rien à 9 h.", "theme": Theme.APPOINTMENTS})
    routing = judge_form(form, indre_rules()).routing
    assert (routing.rule, routing.service) == ("formulaire-rendez-vous", "pan")


def test_the_theme_that_a_person_chose_is_told_as_they_said_it() -> None:
    for theme in (None, Theme.DELAY):
        form = FORM.model_copy(update={"complaint": True, "theme": theme})
        assert judge_form(form, indre_rules()).routing.theme == theme


def test_a_form_about_an_agent_is_reserved_and_goes_to_the_service_that_it_names() -> None:
    said = {"complaint": True, "theme": Theme.AGENT, "service": ServiceId("bmi")}
    routing = judge_form(FORM.model_copy(update=said), indre_rules()).routing
    assert (routing.confidentiality, routing.service) == (Confidentiality.RESERVE, "bmi")
    ticked = {"complaint": True, "theme": Theme.DELAY, "about_agent": True}
    routing = judge_form(FORM.model_copy(update=ticked), indre_rules()).routing
    assert routing.confidentiality is Confidentiality.RESERVE


def test_the_same_words_of_two_people_without_a_name_are_two_forms() -> None:
    nameless = FORM.model_copy(update={"name": "", "email": ""})
    other = nameless.model_copy(update={"id": UUID(int=9)})
    rules = indre_rules()
    assert judge_form(nameless, rules).fingerprint != judge_form(other, rules).fingerprint
    again = FORM.model_copy(update={"id": UUID(int=9)})
    assert judge_form(FORM, rules).fingerprint == judge_form(again, rules).fingerprint


def test_a_form_without_an_address_has_nobody_to_answer() -> None:
    one = judge_form(FORM.model_copy(update={"email": "pas une adresse"}), indre_rules())
    assert one.automatic == "no-address"
    assert one.correspondent is None


def test_a_paper_handed_in_without_a_date_is_provisional() -> None:
    file = spool_file("lettre.pdf", "application/pdf", b"%PDF")
    upload = UploadDeposit(
        id=UUID(int=2),
        at=datetime(2026, 5, 11, 8, tzinfo=UTC),
        by=PersonId("m.durand"),
        channel=Channel.HAND_DELIVERED,
        files=(file,),
    )
    paper = whole_paper(file, b"%PDF", upload.at, Legible((), 0))
    one = judge_upload(upload, file, paper, indre_rules())
    assert one.receipt == On(day=date(2026, 5, 11))
    assert one.provisional
