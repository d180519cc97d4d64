"""Mails of machines and of people, made from a seed: headers as real programs write them.

Each layout is named after what writes it. What varies from mail to mail (which of a program's
headers survive a gateway, case, language, return path kept or lost) is drawn at random; what makes
it a machine's mail always stays, sometimes as its only mark. Written from RFC 3464, 3834 and 5230,
from the documentation of the servers, and from how flufl.bounce and sisimai tell shapes apart.

Layouts of machines, of which `LAYOUTS` holds one function each:

- delivery reports: Postfix, exim (no MIME report), sendmail, qmail (plain text), Exchange on site
  and Exchange Online (French, English, German), a multipart/report whose parameter a gateway lost,
  a daemon with no address at all;
- return paths: VERP of list programs (`-bounces+user=domain@`), `bounces+…@` of senders of
  campaigns, a null path, BATV around a bounce address, MAILER-DAEMON;
- addresses: noreply before, after and between separators, in three languages, also in Reply-To;
- lists and campaigns: Mailman, Sympa, Google Groups, ezmlm (Mailing-List), Feedback-ID alone,
  Precedence with what follows it;
- automatic answers: vacation (RFC 5230), Exchange's rules agent, X-POST-MessageClass, X-FC-*
  (FirstClass), X-Autoreply and its kin, a subject alone in French, English or German;
- tickets, monitoring, cron, and a mail that goes round in a circle.
"""

from collections.abc import Callable
from random import Random

from tests.mail_drafts import WORDS, Draft, person, some


def _report(random: Random, draft: Draft, kind: str | None) -> Draft:
    """The body of RFC 3464 around an original; `kind`: the report-type that is declared."""
    mark = f"B{random.getrandbits(32):x}"
    declared = f"; report-type={kind}" if kind else ""
    draft.content_type = f'multipart/report{declared}; boundary="{mark}"'
    status = random.choice(("5.1.1", "5.2.2", "4.4.7", "5.7.1"))
    action = "delayed" if status.startswith("4") else "failed"
    draft.body = (
        f"--{mark}\nContent-Type: text/plain; charset=utf-8\n\n{draft.body}\n"
        f"--{mark}\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; relais.example\n\nFinal-Recipient: rfc822; x@indre.example\n"
        f"Action: {action}\nStatus: {status}\n"
        f"--{mark}\nContent-Type: text/rfc822-headers\n\nSubject: {random.choice(WORDS)}\n"
        f"--{mark}--\n"
    )
    return draft


def postfix_report(random: Random) -> Draft:
    """Mail Delivery System, multipart/report, null return path that a gateway may have lost."""
    draft = Draft(
        "MAILER-DAEMON@relais.example (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        "I'm sorry to have to inform you that your message could not be delivered.",
        random.choice(("", None)),
    )
    draft.fields = random.choice(([], [("Auto-Submitted", "auto-replied")]))
    return _report(random, draft, random.choice(("delivery-status", None)))


def exim_report(random: Random) -> Draft:
    """Plain text and X-Failed-Recipients."""
    subject = random.choice(
        (
            "Mail delivery failed: returning message to sender",
            "Warning: message 1abc delayed 24 hours",
        )
    )
    fields = some(
        random,
        [("X-Failed-Recipients", "x@indre.example"), ("Auto-Submitted", "auto-replied")],
    )
    body = "This message was created automatically by mail delivery software.\n550 no such user"
    return Draft("Mail Delivery System <Mailer-Daemon@relais.example>", subject, body, "", fields)


def sendmail_report(random: Random) -> Draft:
    """Returned mail: see transcript for details."""
    subject = random.choice(
        ("Returned mail: see transcript for details", "Returned mail: User unknown")
    )
    body = "   ----- The following addresses had permanent fatal errors -----"
    draft = Draft(
        "Mail Delivery Subsystem <MAILER-DAEMON@relais.example>",
        subject,
        body,
        random.choice(("", "MAILER-DAEMON@relais.example", None)),
    )
    return _report(random, draft, "delivery-status") if random.random() < 0.5 else draft


def qmail_report(random: Random) -> Draft:
    """« Hi. This is the qmail-send program »: plain text, no MIME, no header of its own."""
    body = "Hi. This is the qmail-send program at relais.example.\n<x@indre.example>:\nno mailbox"
    return Draft("MAILER-DAEMON@relais.example", "failure notice", body, random.choice(("", None)))


def exchange_report(random: Random) -> Draft:
    """Exchange, on site or Online: the language is the server's."""
    subject = random.choice(
        (
            "Non remis : Votre demande",
            "Undeliverable: your request",
            "Unzustellbar: Ihre Anfrage",
            "Échec de la remise : Votre demande",
        )
    )
    sender = random.choice(
        (
            "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@relais.example>",
            "postmaster@relais.example",
        )
    )
    draft = Draft(
        sender, subject, "Votre message n’a pas pu être remis.", random.choice(("", None))
    )
    draft.fields = random.choice(
        (
            [],
            [("X-MS-Exchange-Message-Is-Ndr", ""), ("Auto-Submitted", "auto-replied")],
            [("X-Auto-Response-Suppress", "DR, OOF, AutoReply")],
        )
    )
    return _report(random, draft, random.choice(("delivery-status", None)))


def nameless_daemon(random: Random) -> Draft:
    """`MAILER-DAEMON <>`: a daemon without an address, its return path lost on the way."""
    sender = random.choice(
        ("MAILER-DAEMON <>", "Mail Delivery System <>", '"Mail Delivery Subsystem" <>')
    )
    return Draft(
        sender, random.choice(("Delivery report", "Notice", "failure notice")), "See below."
    )


def other_report(random: Random) -> Draft:
    """Read receipts, abuse reports, and reports of a kind that nobody registered."""
    kind = random.choice(("disposition-notification", "feedback-report", "x-other", None))
    return _report(random, Draft(person(random), "Rapport", "Voici."), kind)


def verp(random: Random) -> Draft:
    """A list's or a campaign's return path is often all that tells them from a person."""
    path = random.choice(
        (
            "lettre-bounces+claire=orange.example@lists.example",
            "bounces+4242-ab12-claire=orange.example@em.example",
            "bounce-77_HTML-123@s7.example",
            "lettre-12-claire=orange.example@lists.example",
            "news-bounces@lists.example",
            "msprvs1=17123aa:x=bounces-9@spark.example",
            "SRS0=hh=tt=lists.example=news-bounces@forward.example",
            "bounces@em.example",
            "MAILER-DAEMON@em.example",
        )
    )
    return Draft(f"Service client <{person(random)}>", "Votre espace", "Bonjour.", path)


def null_path(random: Random) -> Draft:
    """Nobody to answer, whoever stands in From."""
    return Draft(person(random), "Information", "Bonjour.", "")


def noreply(random: Random) -> Draft:
    """No reply, before, after and between separators; in From, or in every Reply-To."""
    word = random.choice(
        (
            *("noreply", "no-reply", "no_reply", "no.reply", "nepasrepondre", "ne-pas-repondre"),
            *("ne_pas_repondre", "donotreply", "do-not-reply", "noreponse", "nicht-antworten"),
        )
    )
    local = random.choice(
        (
            f"{word}",
            f"{word}-compte",
            f"info.{word}",
            f"x-{word}",
            f"drive-shares-{word}",
            f"{word}+7f3a",
            f"caf_{word}_36",
            word.upper(),
        )
    )
    draft = Draft(f"Portail <{local}@portail.example>", "Votre demande", "Bonjour.")
    if random.random() < 0.3:
        draft.sender = f"Portail <{person(random)}>"
        draft.fields = [("Reply-To", f"{local}@portail.example")]
    return draft


def mailing_list(random: Random) -> Draft:
    """Mailman, Sympa, Google Groups, ezmlm: some of their headers survive."""
    fields = [
        ("List-Id", "Lettre <lettre.lists.example>"),
        ("List-Unsubscribe", "<https://lists.example/u>"),
        ("List-Post", "<mailto:lettre@lists.example>"),
        ("List-Help", "<mailto:lettre-help@lists.example>"),
        ("List-Archive", "<https://lists.example/a>"),
        ("Mailing-List", "contact lettre-help@lists.example; run by ezmlm"),
        ("X-Mailing-List", "lettre@lists.example"),
        ("Precedence", random.choice(("list", "bulk", "bulk; x", "Junk", "list (mailman)"))),
        ("X-Loop", "lettre@lists.example"),
        ("Feedback-ID", "1:campagne:esp"),
    ]
    return Draft(
        person(random),
        f"[lettre] {random.choice(WORDS)}",
        "Bonjour à tous.",
        None,
        some(random, fields),
    )


def vacation(random: Random) -> Draft:
    """Away: by a header of RFC 3834 or 5230, or by a subject alone, in three languages."""
    subject = random.choice(
        (
            *(
                "Réponse automatique : congés",
                "Absence du bureau",
                "Message d’absence",
                "Re: dossier",
            ),
            *("Automatic reply: away", "Out of office", "Auto: votre message"),
            *("Automatische Antwort: Urlaub", "Abwesenheitsnotiz"),
        )
    )
    fields = [
        (
            "Auto-Submitted",
            random.choice(("auto-replied", "auto-replied (vacation)", "Auto-Replied; x")),
        ),
        ("Precedence", random.choice(("auto_reply", "auto-reply", "bulk"))),
        ("X-Auto-Response-Suppress", random.choice(("All", "OOF, AutoReply", "DR, RN, NRN, OOF"))),
        ("X-Autoreply", "yes"),
        ("X-Autorespond", "re"),
        ("X-AutoReply-From", "x@relais.example"),
        ("X-Auto-Reply-From", "x@relais.example"),
        ("X-Mail-Autoreply", "vacances"),
        ("X-POST-MessageClass", "9; Autoresponder"),
        ("X-FC-MachineGenerated", "true"),
        ("X-Autogenerated", "Reply"),
        ("X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent"),
    ]
    alone = random.random() < 0.2 and subject not in {"Re: dossier", "Auto: votre message"}
    chosen = [] if alone else some(random, fields)
    return Draft(
        person(random), subject, "Je suis absent.", random.choice((None, None, "")), chosen
    )


def ticket(random: Random) -> Draft:
    """A ticket system, monitoring or cron: a robot's address or its header."""
    local = random.choice(
        ("notification", "notifications", "root", "www-data", "robot", "automate")
    )
    draft = Draft(
        f"Support <{local}@outil.example>", f"[Ticket#{random.randint(1, 9999)}] Reçu", "Bonjour."
    )
    if random.random() < 0.5:
        draft.sender = f"Support <{person(random)}>"
        draft.fields = some(
            random,
            [
                ("Auto-Submitted", random.choice(("auto-generated", "auto-notified"))),
                ("X-Cron-Env", "<SHELL=/bin/sh>"),
                ("X-Autogenerated", "Alert"),
                ("Precedence", "junk"),
            ],
        )
    return draft


def loop(random: Random) -> Draft:
    """The same mail on its way round, again and again."""
    draft = Draft(person(random), "Tr: dossier", "Bonjour.", person(random))
    draft.hops = random.randint(26, 60)
    return draft


LAYOUTS: tuple[Callable[[Random], Draft], ...] = (
    postfix_report,
    exim_report,
    sendmail_report,
    qmail_report,
    exchange_report,
    nameless_daemon,
    other_report,
    verp,
    null_path,
    noreply,
    mailing_list,
    vacation,
    ticket,
    loop,
)
