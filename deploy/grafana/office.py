"""Bureau du courrier: what came in, what waits for somebody here, and which ways in are open."""

from deploy.grafana.panels import AMBER, RED, Board, Panel, Prom, Shown, Sql

HOUR, DAY = 3600, 86400


def _waits(title: str, says: str, which: str) -> Panel:
    return Panel(
        title,
        says,
        Shown.FIGURE,
        (
            Prom(f'sum(vaguemestre_desk_waiting{{list="{which}"}}) or vector(0)', "en attente"),
            Prom(
                f'max(vaguemestre_desk_waiting_oldest_seconds{{list="{which}"}}) or vector(0)',
                "la plus ancienne attente",
            ),
        ),
        fields=(("la plus ancienne attente", "s"),),
        steps=((3 * DAY, AMBER), (5 * DAY, RED)),
        width=6,
        height=5,
    )


BOARD = Board(
    "vaguemestre-bureau",
    "Bureau du courrier",
    "Ce qui est arrivé, ce qui attend ici, et si chaque porte d’entrée est ouverte.",
    "now-48h",
    "30s",
    (
        _waits(
            "À qualifier",
            "Courriers enregistrés dont il faut dire service et catégorie.",
            "to_qualify",
        ),
        _waits("En quarantaine", "Ce que la machine n’a pas pu lire ou juger.", "quarantine"),
        _waits("À imprimer", "Lettres prêtes à imprimer, signer et poster.", "to_print"),
        _waits("Retenus", "Messages qu’une personne doit laisser partir ou abandonner.", "held"),
        Panel(
            "Arrivées, par heure et par canal",
            "Tout ce qui est entré, à l’heure de son enregistrement.",
            Shown.STEPS,
            (
                Sql(
                    """SELECT hour AS "time",
       CASE channel WHEN 'email' THEN 'Courriel' WHEN 'form' THEN 'Formulaire'
            WHEN 'letter' THEN 'Lettre' WHEN 'registered_letter' THEN 'Recommandé'
            WHEN 'hand_delivered' THEN 'Remis en main propre' ELSE 'Autre' END AS metric,
       sum(n) AS value
FROM desk.arrivals_by_hour($__timeFrom()::timestamptz, $__timeTo()::timestamptz)
GROUP BY 1, 2 ORDER BY 1"""
                ),
            ),
            width=16,
            height=9,
        ),
        Panel(
            "Ce qu’elles sont devenues",
            "Chaque arrivée de la période est exactement un de ces mots (loi 1).",
            Shown.TABLE,
            (
                Sql(
                    """SELECT CASE word WHEN 'item' THEN 'Courrier'
            WHEN 'message' THEN 'Message d’un courrier' WHEN 'copy' THEN 'Copie'
            WHEN 'departure' THEN 'Départ' WHEN 'bounce' THEN 'Retour d’un envoi'
            WHEN 'history' THEN 'Antérieur' WHEN 'set_aside' THEN 'Mis de côté'
            WHEN 'exercise_answers' THEN 'Réponse à un exercice'
            WHEN 'quarantine' THEN 'En quarantaine' ELSE 'Message de contrôle' END AS "Devenu",
       sum(n) AS "Arrivées"
FROM desk.dispositions_by_hour($__timeFrom()::timestamptz, $__timeTo()::timestamptz)
GROUP BY word ORDER BY sum(n) DESC"""
                ),
            ),
            width=8,
            height=9,
        ),
        Panel(
            "Mis de côté",
            "Lettres d’information, robots et indésirables : gardés six mois, une touche en fait "
            "un courrier.",
            Shown.FIGURE,
            (Prom('sum(vaguemestre_desk_arrivals{word="set_aside"}) or vector(0)', "mis de côté"),),
            width=6,
            height=5,
        ),
        Panel(
            "Numérisations en attente",
            "Fichiers qui restent dans les dossiers du copieur, et l’âge du plus ancien : "
            "normalement quelques secondes.",
            Shown.FIGURE,
            (
                Prom("sum(vaguemestre_ingest_scan_files)", "fichiers"),
                Prom("max(vaguemestre_ingest_scan_oldest_seconds)", "le plus ancien"),
            ),
            fields=(("le plus ancien", "s"),),
            steps=((15 * 60, AMBER), (HOUR, RED)),
            width=6,
            height=5,
        ),
        Panel(
            "Retours d’envois",
            "Messages que le serveur du destinataire a renvoyés : l’adresse est à corriger.",
            Shown.FIGURE,
            (
                Prom('sum(vaguemestre_notices{state="bounced"}) or vector(0)', "revenus"),
                Prom('sum(vaguemestre_notices{state="failed"}) or vector(0)', "refusés"),
            ),
            width=6,
            height=5,
        ),
        Panel(
            "Sources qui ne se lisent pas",
            "Boîtes et dossiers que le logiciel ne peut pas lire maintenant.",
            Shown.FIGURE,
            (Prom("sum(vaguemestre_ingest_source_trouble)", "sources"),),
            steps=((1, RED),),
            width=6,
            height=5,
        ),
        Panel(
            "Dernier relevé de chaque source",
            "Depuis combien de temps chaque boîte et chaque dossier a été lu en entier.",
            Shown.BARS,
            (Prom("max by (source) (vaguemestre_ingest_source_read_age_seconds)", "{{source}}"),),
            unit="s",
            steps=((15 * 60, AMBER), (HOUR, RED)),
            width=12,
            height=8,
        ),
        Panel(
            "Messages de contrôle",
            "Écart entre le dernier message de contrôle envoyé à chaque boîte et le dernier qui y "
            "est arrivé : plus d’une période, la boîte ne reçoit plus.",
            Shown.BARS,
            (
                Prom(
                    "max by (source) (vaguemestre_probe_sent_timestamp_seconds) - on (source) "
                    "max by (source) (vaguemestre_ingest_probe_timestamp_seconds)",
                    "{{source}}",
                ),
            ),
            unit="s",
            steps=((15 * 60, AMBER), (HOUR, RED)),
            width=12,
            height=8,
            may_be_empty="Aucun message de contrôle : PROBE_EVERY n’est pas réglé.",
        ),
    ),
    filtered=False,
)
