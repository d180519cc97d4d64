"""The French of a digest: what is due by which clock, and why a line stands there."""

from collections.abc import Mapping
from typing import Final

from shared.calendar.local_days import plain_day
from shared.facts.clocks import RungReached
from shared.facts.items.directory import PersonChange, Stage
from shared.facts.vocabulary import ClockName, NoticeKind
from shared.site.tables.bundle import Site

DUE: Final[Mapping[ClockName, str]] = {
    ClockName.REGISTRATION: "à enregistrer au plus tard le",
    ClockName.RECEIPT: "accusé d’enregistrement dû le",
    ClockName.SERVICES_PUBLICS: "premier accusé à envoyer avant la fin du",
    ClockName.ACKNOWLEDGEMENT: "accusé de réception dû le",
    ClockName.REPLY: "réponse due le",
    ClockName.IMPLIED_DECISION: "décision à prendre, sinon elle naîtra du silence à la fin du",
    ClockName.HOLDING: "réponse promise à l’usager pour le",
    ClockName.PIECES: "pièces attendues jusqu’au",
    ClockName.TRANSMISSION: "à transmettre, et l’usager à prévenir, au plus tard le",
}
"""What a limit means; a date follows."""

NOTICES: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.RECEIPT: "accusé d’enregistrement",
    NoticeKind.SIMPLE: "accusé de réception",
    NoticeKind.SVR: "accusé de réception (silence vaut rejet)",
    NoticeKind.SVA: "accusé de réception (silence vaut acceptation)",
    NoticeKind.HOLDING_REPLY: "envoi d’une réponse d’attente",
    NoticeKind.PIECES: "envoi d’une demande de pièces",
    NoticeKind.TRANSFER: "avis de transmission",
    NoticeKind.THIRD: "lettre à un tiers",
    NoticeKind.POINTER: "renvoi vers un téléservice",
    NoticeKind.REPLY: "envoi d’une réponse",
    NoticeKind.DIGEST: "récapitulatif du jour",
    NoticeKind.WEEKLY: "page de la semaine",
    NoticeKind.RECTIFICATION: "message rectificatif",
    NoticeKind.ALERT: "message d’alerte",
    NoticeKind.COPY: "copie d’une lettre",
    NoticeKind.PERSON_CHANGED: "avis de changement de fiche",
    NoticeKind.EXERCISE: "message d’exercice",
    NoticeKind.SURVEY: "invitation à l’enquête",
    NoticeKind.MEETING: "invitation à une réunion",
    NoticeKind.ROOTS: "empreintes du registre",
}
"""What is held; « retenu depuis le » follows."""

CHANGED: Final[Mapping[PersonChange, str]] = {
    PersonChange.ARRIVED: "votre fiche a été créée",
    PersonChange.LEFT: "votre départ a été noté et vos sessions sont closes",
    PersonChange.SERVICES: "vos services ont changé",
    PersonChange.DEPUTY: "votre suppléance a changé",
    PersonChange.ABSENCE: "une absence a été notée pour vous",
    PersonChange.ABSENCE_CANCELLED: "une de vos absences a été annulée",
    PersonChange.RECORD: "votre fiche (nom, qualité ou téléphone) a changé",
    PersonChange.MAILBOX: "votre adresse électronique a changé",
    PersonChange.DELEGATION: "ce que vous signez par délégation a changé",
}
"""What one of ours is told of themselves."""
STAGES: Final[Mapping[Stage, str]] = {
    Stage.DONE: "Dans le registre du courrier, {what}",
    Stage.ASKED: "Dans le registre du courrier, un changement attend une seconde personne"
    " (« {what} »)",
    Stage.REFUSED: "Dans le registre du courrier, un changement demandé est abandonné (« {what} »)",
}

LATE: Final[Mapping[ClockName, tuple[str, str]]] = {
    ClockName.REPLY: ("réponse en retard", "réponses en retard"),
    ClockName.HOLDING: ("date promise dépassée", "dates promises dépassées"),
    ClockName.IMPLIED_DECISION: ("décision née du silence", "décisions nées du silence"),
    **dict.fromkeys(
        (ClockName.ACKNOWLEDGEMENT, ClockName.SERVICES_PUBLICS, ClockName.RECEIPT),
        ("accusé en retard", "accusés en retard"),
    ),
    ClockName.TRANSMISSION: ("transmission en retard", "transmissions en retard"),
    ClockName.REGISTRATION: ("enregistrement en retard", "enregistrements en retard"),
    ClockName.PIECES: ("demande de pièces échue", "demandes de pièces échues"),
}
"""What is late, one and many, in the order in which a page says it; the register's lists and rates
call late a reply, so an accusé is never counted with it."""

_ASKED = "observed:"
_GIVEN = "given:"
_PAST = "past:"


def asks(rung: RungReached) -> bool:
    """Whether a reminder asks if a sent email was the reply, and is about no limit."""
    return rung.rung.startswith(_ASKED)


def note(rung: RungReached, site: Site) -> str:
    """Returns a French note for a digest line, on what its limit alone does not explain; or "".

    The names of rungs are those of sla: an offset, `given:<seq>`, `past:<limit>`,
    `observed:<seq>:+2` (its holder) and `:+4` (the head).
    """
    notes = []
    if asks(rung):
        who = "personne ne l’a confirmé depuis 4 jours ouvrés" if rung.rung.endswith("+4") else ""
        seen = "un message à l’usager a été vu dans les envois : dites si c’était la réponse"
        notes += [seen, who]
    elif rung.rung.startswith(_GIVEN):
        notes.append("vient de vous être confié")
    elif rung.rung.startswith(_PAST) or rung.collapsed:
        notes.append(
            "pas de rappel plus tôt : la limite était déjà proche ou passée quand le courrier a été"
            " enregistré ou corrigé"
        )
    if rung.unread_sources:
        notes.append("boîtes non relevées ce jour-là : une réponse a pu partir")
    if rung.answered is not None:
        until = plain_day(rung.answered.until)
        notes.append(f"{site.labels.reason(rung.answered.reason)}, annoncé pour le {until}")
    return " ; ".join(note for note in notes if note)
