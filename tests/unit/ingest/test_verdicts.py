"""The verdicts that are easy to get wrong (docs/domain.md §10), and those of every day."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.ingest.domain.conditions import Folded, MessageFeatures, WordIndex
from services.ingest.domain.judge_mail import MailboxPlace, seen_by_rules
from services.ingest.domain.mail import Mail, read
from services.ingest.facts import kind_of
from shared.content import tokens
from shared.content.mime import message_digest
from shared.content.probe import probe_subject
from shared.facts.arrival_base import LikenessThread, MessageThread, TokenThread
from shared.facts.arrivals import Probe
from shared.facts.envelope import At, Chrono, ItemId, NoticeId
from shared.facts.vocabulary import (
    Authentication,
    Channel,
    Nature,
    NoticeKind,
    Priority,
    SenderKind,
)
from tests.ingest_builders import (
    A_PDF,
    INTERNAL,
    RECEIVED,
    SECRET,
    a_mail,
    a_multipart,
    bounced,
    indre,
    indre_rules,
    judged,
    reason,
    replies,
    told,
)

ITEM = ItemId(UUID("11111111-1111-4111-8111-111111111111"))
NOTICE = NoticeId(UUID("22222222-2222-4222-8222-222222222222"))
CHRONO = Chrono("36-2026-A-000123")
TEXT_PART = "Content-Type: text/plain; charset=utf-8\r\n\r\nVoici."


def test_no_rule_is_left_unasked_whose_words_stand_in_a_mail() -> None:
    rules = indre().routing.rules
    by_word, routing = WordIndex([rule.when for rule in rules]), indre_rules().routing
    for number, asking in enumerate(rules):
        for phrase in asking.when.words:
            seen = MessageFeatures(Channel.EMAIL, text=f"Bonjour,\n« {phrase.upper()} ».")
            asked, said = by_word.places(Folded(seen).words), routing.explain(seen)
            matching = {n for n, rule in enumerate(rules) if said[rule.id] is None}
            assert matching | {number} <= set(asked), phrase
            assert list(asked) == sorted(asked), "they decide in their order"
            assert len(asked) < len(rules), "or nothing is gained"


# A person writes.


def test_a_citizen_enters_and_may_be_answered() -> None:
    one = judged(a_mail())
    assert one.verdict.kind == "enter"
    assert one.channel is Channel.EMAIL
    assert one.automatic is None
    assert one.authentication is Authentication.PASS
    assert one.routing.category == "titre-de-sejour"
    assert one.routing.service == "bmi"
    assert one.routing.certain is None
    assert one.routing.hold is None


def test_the_receipt_is_the_moment_of_our_own_server_not_the_senders_date() -> None:
    one = judged(a_mail(date="Mon, 1 Jan 2024 00:00:00 +0000"))
    assert one.receipt == At(instant=RECEIVED)


def test_a_received_line_of_a_stranger_gives_no_receipt() -> None:
    above = "Received: by evil.example; Fri, 1 May 2026 00:00:00 +0000\n"
    assert judged(a_mail(above=above)).receipt == At(instant=RECEIVED)


def test_without_any_trusted_line_the_servers_own_date_counts() -> None:
    assert judged(a_mail(dmarc=None)).receipt == At(instant=INTERNAL)


def test_an_answer_goes_to_reply_to() -> None:
    plain = judged(a_mail())
    redirected = judged(a_mail(headers={"Reply-To": "Moi <moi@autre.example>"}))
    assert redirected.pli is not None
    assert redirected.pli.answer_to.address == "moi@autre.example"
    assert redirected.correspondent != plain.correspondent


def test_two_from_addresses_hold() -> None:
    assert judged(a_mail(sender="a@x.example, b@y.example")).routing.hold == "two-senders"


def test_a_minor_is_a_citizen_who_may_be_answered() -> None:
    one = judged(a_mail("J'ai 15 ans et je voudrais savoir comment faire."))
    assert one.routing.hold is None
    assert one.automatic is None


def test_words_of_danger_are_seen_whatever_their_case_and_accents() -> None:
    one = judged(a_mail("Je n'en peux plus, j'ai ENVIE D’EN FINIR."))
    assert one.routing.danger
    assert one.routing.priority is Priority.URGENTE
    assert one.automatic is None


def test_words_of_danger_that_are_only_quoted_are_not_the_senders() -> None:
    text = "Merci beaucoup.\n\nLe 3 mai 2026, X <x@y.example> a écrit :\n> envie d'en finir\n"
    assert not judged(a_mail(text)).routing.danger


# To whom a machine may speak.


@pytest.mark.parametrize(
    ("sender", "text", "kind"),
    [
        ("Me Vasseur <v@cabinet-vasseur-avocats.example>", "Bonjour.", SenderKind.LAWYER),
        ("X <x@y.example>", "Bonjour.\nMaître X, avocat au barreau de Limoges", SenderKind.LAWYER),
        ("greffe <g@tribunal-administratif-limoges.example>", "Avis.", SenderKind.COURT),
        ("Mairie <m@mairie-saint-aubin-les-bois.example>", "Bonjour.", SenderKind.ELECTED),
        ("X <x@cab.interieur.gouv.fr>", "Bonjour.", SenderKind.MINISTRY),
        ("X <x@afp.com>", "Bonjour.", SenderKind.PRESS),
        ("X <x@defenseurdesdroits.fr>", "Bonjour.", SenderKind.DEFENSEUR),
    ],
)
def test_any_hit_of_a_held_kind_holds(sender: str, text: str, kind: SenderKind) -> None:
    routing = judged(a_mail(text, sender=sender)).routing
    assert routing.sender_kind is kind
    assert routing.hold is not None


def test_a_notary_counts_as_a_company() -> None:
    one = judged(a_mail("Bonjour.\nOffice notarial de Châteauroux"))
    assert one.routing.sender_kind is SenderKind.COMPANY
    assert one.routing.hold is None


def test_a_formal_notice_before_a_tribunal_is_an_appeal_even_from_a_citizen() -> None:
    one = judged(a_mail("Sans réponse, je saisirai le tribunal administratif."))
    assert one.routing.nature is Nature.APPEAL
    assert one.routing.service == "juridique"
    assert one.routing.hold == "recours"


def test_a_request_for_a_document_that_names_the_cada_is_no_appeal() -> None:
    one = judged(a_mail("Je demande communication du document, sinon je saisirai la CADA."))
    assert one.routing.category == "documents"
    assert one.routing.nature is Nature.REQUEST


@pytest.mark.parametrize(
    ("subject", "text", "category"),
    [
        ("Facture 2026-12", "Veuillez trouver notre facture.", "facture"),
        ("Stage", "Veuillez trouver ma candidature.", "candidature"),
        ("Inauguration", "Nous avons le plaisir de vous convier.", "invitation"),
        ("Avis d'audience", "Affaire 12.", "avis-juridiction"),
    ],
)
def test_what_is_out_of_the_perimeter_is_an_item_not_set_aside(
    subject: str, text: str, category: str
) -> None:
    one = judged(a_mail(text, subject=subject))
    assert one.verdict.kind == "enter"
    assert one.routing.category == category


def test_a_certain_rule_names_its_author() -> None:
    one = judged(a_mail("Merci.", subject="Question sur le permis de conduire"), "pref-bsr")
    assert one.routing.rule == "permis-question"
    assert one.routing.certain == "permis-question"


def test_a_certain_rule_loses_its_certainty_with_a_word_that_it_excludes() -> None:
    one = judged(a_mail("Mon avocat.", subject="Question sur le permis de conduire"), "pref-bsr")
    assert one.routing.certain is None


def test_what_no_rule_knows_falls_back_with_the_service_of_its_mailbox() -> None:
    one = judged(a_mail("Bonjour.", subject="Divers"), "pref-bsr")
    assert one.routing.category == "a-qualifier"
    assert one.routing.service == "bsr"


# Machines.


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto-reply"),
        ({"X-Autoreply": "yes"}, "auto-reply"),
        ({"Auto-Submitted": "auto-generated"}, "robot"),
        ({"Return-Path": "<>"}, "robot"),
        ({"List-Unsubscribe": "<mailto:x@y.example>"}, "newsletter"),
        ({"List-Id": "<l.example>"}, "newsletter"),
        ({"Precedence": "bulk"}, "newsletter"),
    ],
)
def test_machines_are_set_aside(headers: dict[str, str], why: str) -> None:
    octets = a_mail(headers=headers)
    assert reason(octets) == why
    assert judged(octets).automatic is not None


@pytest.mark.parametrize(
    "subject",
    [
        "Réponse automatique : congés",
        "Automatic reply: x",
        "Out of office",
        "Absence du bureau : x",
    ],
)
def test_a_subject_of_an_absence_silences_and_sets_aside_only_where_a_header_agrees(
    subject: str,
) -> None:
    alone = a_mail(subject=subject)
    assert reason(alone) == "enter"
    assert judged(alone).automatic == "auto-reply"
    agreed = a_mail(subject=subject, headers={"X-Auto-Response-Suppress": "All"})
    assert reason(agreed) == "auto-reply"


def test_a_person_who_was_absent_is_no_out_of_office() -> None:
    assert reason(a_mail(subject="Je suis absente le jour de ma convocation")) == "enter"


def test_auto_submitted_no_says_nothing() -> None:
    assert judged(a_mail(headers={"Auto-Submitted": "no"})).automatic is None


def test_a_wish_for_silence_sets_nothing_aside() -> None:
    octets = a_mail(headers={"X-Auto-Response-Suppress": "OOF, AutoReply"})
    assert reason(octets) == "enter"
    assert judged(octets).automatic == "auto-response-suppress"


@pytest.mark.parametrize(
    "local", ["no-reply", "noreply-compte", "ne-pas-repondre", "mailer-daemon"]
)
def test_a_no_reply_address_is_a_robot(local: str) -> None:
    assert reason(a_mail(sender=f"X <{local}@service.example>")) == "robot"


def test_a_relay_whose_reply_to_names_a_person_enters_in_silence() -> None:
    octets = a_mail(
        sender="Site <noreply@site.example>", headers={"Reply-To": "renee@orange.example"}
    )
    assert reason(octets) == "enter"
    assert judged(octets).automatic == "no-reply"


def test_a_copier_that_carries_a_letter_is_an_item_and_hears_nothing() -> None:
    octets = a_multipart(
        TEXT_PART, A_PDF,
        sender="Fax <noreply@fax.example>", headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    assert reason(octets) == "enter"
    assert judged(octets).automatic == "auto-submitted"


def test_the_notice_of_a_registered_e_letter_is_an_item() -> None:
    octets = a_mail(
        sender="LRE <noreply@lre.example>", subject="Vous avez une lettre recommandée électronique"
    )
    assert reason(octets) == "enter"


def test_a_read_receipt_is_set_aside() -> None:
    octets = a_multipart(
        TEXT_PART, "Content-Type: message/disposition-notification\r\n\r\nDisposition: displayed",
        kind="report; report-type=disposition-notification",
    )  # fmt: skip
    assert reason(octets) == "read-receipt"


def test_a_newsletter_of_the_sites_table_is_set_aside() -> None:
    assert reason(a_mail(sender="L <lettre@editions-territoires.example>")) == "newsletter"


def test_a_trusted_spam_flag_sets_aside_even_a_plausible_person() -> None:
    assert reason(a_mail(above="X-Spam-Flag: YES\n")) == "spam"


def test_a_spam_flag_that_the_senders_own_server_wrote_says_nothing() -> None:
    theirs = (
        b"Received: from pc by smtp.orange.example; Mon, 11 May 2026 09:59:30 +0200\r\n"
        b"X-Spam-Flag: YES\r\nFrom: "
    )
    octets = a_mail().replace(b"From: ", theirs, 1)
    assert reason(octets) == "enter"


def test_a_failed_dmarc_sets_nothing_aside_but_silences() -> None:
    octets = a_mail(dmarc="fail")
    assert reason(octets) == "enter"
    assert judged(octets).automatic == "dmarc-failed"


def test_without_any_authentication_the_receipt_may_leave() -> None:
    one = judged(a_mail(dmarc=None))
    assert one.authentication is Authentication.NONE
    assert one.automatic is None


def test_authentication_results_of_a_stranger_are_not_read() -> None:
    octets = a_mail(dmarc=None, above="Authentication-Results: evil.example; dmarc=pass\n")
    assert judged(octets).authentication is Authentication.NONE


# The site's form.

FORM_TEXT = (
    "Un message a été déposé depuis le formulaire de contact.\n\nNom : Renée Dupont\n"
    "Courriel : renee@orange.example\nObjet : Titre de séjour\nMessage : Bonjour,\n\n"
    "où en est mon titre de séjour ?\nNom : ce n'est pas un champ\n"
)
FORM = {
    "text": FORM_TEXT,
    "sender": "Site <ne-pas-repondre@sites-etat.example>",
    "subject": "Formulaire de contact",
}


def test_a_form_speaks_for_the_person_in_its_fields_not_for_the_robot() -> None:
    one = judged(a_mail(**FORM, headers={"Auto-Submitted": "auto-generated"}))
    assert one.verdict.kind == "enter"
    assert one.channel is Channel.FORM
    assert one.automatic is None
    assert one.routing.category == "titre-de-sejour"
    assert one.pli is not None
    assert one.pli.answer_to.address == "renee@orange.example"
    assert one.pli.sender.name == "Renée Dupont"
    assert one.pli.subject == "Titre de séjour"
    assert one.pli.text.endswith("Nom : ce n'est pas un champ")


def test_a_form_whose_relay_is_not_authenticated_enters_and_is_held() -> None:
    one = judged(a_mail(**FORM, dmarc="fail"))  # type: ignore[arg-type]  # unpacked, each of its own type
    assert one.verdict.kind == "enter"
    assert one.routing.hold == "form-not-authenticated"


def test_a_form_without_address_can_be_answered_by_nobody() -> None:
    text = "Nom : X\nCourriel : rien\nObjet : Y\nMessage : Z"
    one = judged(a_mail(**{**FORM, "text": text}))  # type: ignore[arg-type]  # unpacked, each of its own type
    assert one.automatic == "no-address"


# Threads.


def test_our_signed_token_in_the_subject_is_the_surest_candidate() -> None:
    subject = f"Re: Votre demande {tokens.subject_token(SECRET, CHRONO)}"
    assert judged(a_mail(subject=subject)).threads[0] == TokenThread(chrono=CHRONO)


def test_a_token_with_a_false_signature_is_ignored() -> None:
    one = judged(a_mail(subject="Re: Votre demande [36-2026-A-000123-AAAAAAAAAA]"))
    assert not any(isinstance(thread, TokenThread) for thread in one.threads)


def test_references_name_the_nearest_message_first() -> None:
    octets = a_mail(headers={"In-Reply-To": "<c@x>", "References": "<a@x> <b@x> <c@x>"})
    thread = next(t for t in judged(octets).threads if isinstance(t, MessageThread))
    assert thread.messages == tuple(
        message_digest(reference) for reference in ("c@x", "b@x", "a@x")
    )


def test_a_chaser_without_header_or_token_is_only_alike() -> None:
    first = judged(a_mail())
    chaser = judged(a_mail(subject="RE : Titre de séjour", message_id="<deux@x>"))
    assert [type(thread) for thread in chaser.threads] == [LikenessThread]
    assert chaser.threads == first.threads


def test_the_same_text_sent_again_within_the_day_is_a_copy_in_another_arrival() -> None:
    first = judged(a_mail())
    again = judged(a_mail(message_id="<deux@x>", date="Mon, 11 May 2026 11:30:00 +0200"))
    assert first.fingerprint == again.fingerprint


def test_a_colleague_who_forwards_is_not_the_sender() -> None:
    text = (
        "Pour vous.\n\n-------- Message transféré --------\nDe : Jean Petit <jean@free.example>\n"
        "Date : lundi 4 mai 2026\nPour : Accueil\nObjet : Mon récépissé\nÀ : x\n\n"
        "Bonjour, où en est mon récépissé ?\n"
    )
    one = judged(a_mail(text, sender="Collègue <pref-pan@indre.example>", subject="TR: x"))
    assert one.pli is not None
    assert one.pli.sender.address == "jean@free.example"
    assert one.routing.hold == "forwarded"
    assert one.receipt == At(instant=RECEIVED)


def test_a_forwarded_message_as_an_attachment_speaks_for_its_own_sender() -> None:
    inner = a_mail(sender="Jean <jean@free.example>", subject="Récépissé").decode()
    octets = a_multipart(
        TEXT_PART, f"Content-Type: message/rfc822\r\n\r\n{inner}",
        sender="Collègue <pref-pan@indre.example>",
    )  # fmt: skip
    one = judged(octets)
    assert one.pli is not None
    assert one.pli.sender.address == "jean@free.example"
    assert one.routing.hold == "forwarded"


def test_the_halves_of_a_partial_message_are_two_arrivals() -> None:
    halves = [
        a_mail(content_type=f'message/partial; id="x"; number={n}; total=2', message_id=f"<{n}@x>")
        for n in (1, 2)
    ]
    assert [reason(half) for half in halves] == ["enter", "enter"]
    assert judged(halves[0]).message != judged(halves[1]).message


def test_a_reply_of_ours_in_copy_is_told_twice_as_arrival_and_as_observation() -> None:
    octets = a_mail(
        "Voici notre réponse.",
        sender="BRE <pref-bre@indre.example>",
        to="renee@orange.example, pref-bmi@indre.example",
        headers={"In-Reply-To": "<un@orange.example>"},
    )
    (seen,) = replies(octets)
    assert seen.service == "bre"
    assert seen.looks_like is None
    assert judged(octets).routing.sender_kind is SenderKind.INTERNAL


def test_a_reply_of_ours_from_an_address_with_a_plus_is_its_mailboxs() -> None:
    octets = a_mail(
        "Voici notre réponse.",
        sender="BRE <pref-bre+suivi@indre.example>",
        to="renee@orange.example, pref-bmi@indre.example",
        headers={"In-Reply-To": "<un@orange.example>"},
    )
    (seen,) = replies(octets)
    assert seen.service == "bre"


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("pref-bmi+sejour@indre.example", "pref-bmi@indre.example"),
        ("Pref-BMI+a+b@indre.example", "pref-bmi@indre.example"),
        ("pref-bmi@indre.example", "pref-bmi@indre.example"),
        ("inconnu+sejour@indre.example", "inconnu+sejour@indre.example"),
        ("pref-bmi+sejour@ailleurs.example", "pref-bmi+sejour@ailleurs.example"),
        ("+@indre.example", "+@indre.example"),
        ("", ""),
    ],
)
def test_an_address_with_a_plus_is_that_of_its_mailbox(written: str, ours: str) -> None:
    assert indre_rules().mailbox_of(written) == ours


def test_a_rule_on_the_recipient_knows_a_mailbox_by_its_address_with_a_plus_too() -> None:
    octets = a_mail(to="Séjour <pref-bmi+sejour@indre.example>, Autre <autre+x@indre.example>")
    mail = read(octets)
    assert isinstance(mail, Mail)
    seen = seen_by_rules(mail, MailboxPlace("pref-bmi", None), indre_rules())
    assert seen.to == (
        "pref-bmi+sejour@indre.example",
        "autre+x@indre.example",
        "pref-bmi@indre.example",
    )


def test_a_holding_reply_is_told_from_a_reply_by_its_standard_text() -> None:
    text = (
        "Madame,\n\nNous ne pouvons pas encore vous répondre, parce que le dossier est long. Nous "
        "vous présentons nos excuses pour ce retard.\n\nUne réponse vous sera adressée au plus "
        "tard le 3 juin 2026. D'ici là, vous n'avez aucune démarche à refaire."
    )
    octets = a_mail(
        text, sender="BRE <pref-bre@indre.example>", to="renee@orange.example",
        headers={"In-Reply-To": "<un@orange.example>"},
    )  # fmt: skip
    assert replies(octets)[0].looks_like is NoticeKind.HOLDING_REPLY


# Bounces and probes.


def a_status(
    action: str, status: str, original: str = "<perdu@indre.example>", **fields: str
) -> bytes:
    return a_multipart(
        "Content-Type: text/plain\r\n\r\nDelivery failed.",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        f"Final-Recipient: rfc822; a@b\r\nAction: {action}\r\nStatus: {status}",
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nSubject: x",
        kind="report; report-type=delivery-status",
        sender="MAILER-DAEMON@x.example",
        headers={"Return-Path": "<>"},
        **fields,
    )


def test_a_bounce_finds_its_notice_by_our_message_id() -> None:
    original = tokens.message_id(SECRET, ITEM, NOTICE, "indre.example")
    one = bounced(a_status("failed", "5.1.1", original))
    assert (one.action, one.status) == ("failed", "5.1.1")
    assert (one.notice_id, one.item_id) == (NOTICE, ITEM)


def test_a_bounce_finds_its_notice_by_the_signed_return_path() -> None:
    address = tokens.return_address(SECRET, "retour@indre.example", NOTICE)
    one = bounced(a_status("failed", "5.2.2", to=address))
    assert one.notice_id == NOTICE


def test_a_delayed_delivery_is_a_bounce_that_changes_nothing() -> None:
    original = tokens.message_id(SECRET, ITEM, NOTICE, "indre.example")
    assert bounced(a_status("delayed", "4.4.1", original)).action == "delayed"


def test_backscatter_is_set_aside_with_the_message_that_it_names() -> None:
    octets = a_status("failed", "5.1.1")
    assert reason(octets) == "backscatter"
    assert judged(octets).threads[0] == MessageThread(
        messages=(message_digest("perdu@indre.example"),)
    )


def test_a_bounce_on_the_return_mailbox_that_names_no_notice_is_still_a_bounce() -> None:
    assert bounced(a_status("failed", "5.1.1")).notice_id is None


def test_our_probe_is_counted() -> None:
    sent = datetime(2026, 5, 11, 7, 59, tzinfo=UTC)
    octets = a_mail("", sender="sonde@indre.example", subject=probe_subject(SECRET, sent))
    assert judged(octets).verdict == Probe(sent_at=sent)
    assert judged(octets).pli is None


def test_who_borrows_the_probes_address_is_read_like_anybody() -> None:
    assert reason(a_mail(sender="sonde@indre.example", subject="[probe 2026 x]")) == "enter"


# Noise.


@pytest.mark.parametrize("octets", [b"", b"\x00" * 500, bytes(range(256)) * 9, b"no header at all"])
def test_octets_without_header_are_quarantined(octets: bytes) -> None:
    assert reason(octets) == "mail-without-header"


def test_noise_under_trace_lines_is_quarantined() -> None:
    trace = b"Received: from a by mx.indre.example; Mon, 11 May 2026 10:00:00 +0200\r\n"
    assert reason(trace + bytes(range(128, 256)) * 9) == "mail-without-header"


def test_a_mail_without_message_id_or_date_enters() -> None:
    one = judged(a_mail(message_id=None, date=None))
    assert one.verdict.kind == "enter"
    assert one.message is None


def test_judging_twice_says_the_same() -> None:
    octets = a_mail()
    assert told(octets) == told(octets)


DRILL = "EXERCICE jusqu’au {}/05/2026, ceci n’est pas une alerte (essai)"


@pytest.mark.parametrize(
    ("sender", "subject", "text", "why"),
    [
        ("mairie@valroy.example", DRILL.format(13), "Reçu.", "exercise"),
        ("Mairie <Mairie@Valroy.example>", f"RE : {DRILL.format(10)}", "Reçu.", "exercise"),
        ("mairie@valroy.example", f"Re: {DRILL.format('08')}", "La digue.", "enter"),
        ("mairie@valroy.example", DRILL.format(13), "Je veux mourir.", "enter"),
        ("mairie@valroy.example", "Une question sur l’exercice", "Bonjour.", "enter"),
        ("renee.dupont@orange.example", DRILL.format(13), "Reçu.", "enter"),
    ],
)
def test_an_answer_to_an_exercise_becomes_no_item_while_it_lasts(
    sender: str, subject: str, text: str, why: str
) -> None:
    """Received on the eleventh; words of danger always win."""
    mail = a_mail(text, sender=sender, subject=subject)
    assert reason(mail) == why
    # In the figures of its source it is of its own kind, and no letter that was set aside.
    assert kind_of(judged(mail)) == why
