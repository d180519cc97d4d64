"""Tenue des engagements: is what was promised kept, by whom, and what is still open?

Every rate stands beside its n; under ten, n is marked. All figures are of what was *received* in
the span, in the perimeter, and come from desk.rates and desk.promises (ADR 0019).
"""

from deploy.grafana.panels import AMBER, RED, Board, Panel, Prom, Shown
from deploy.grafana.queries import query_of

_RATES = (
    ("Taux tenu", "percentunit"),
    ("Écart à l’objectif", "percentunit"),
    ("Objectif", "percentunit"),
)
_NONE_YET = "Rien de tel n’a encore eu lieu."

_KEPT = Panel(
    "Réponses dans le délai",
    "Part des courriers reçus dans la période et répondus dans le délai, parmi ceux dont on peut "
    "juger : répondus, ou dont la limite est passée. Ceux qui courent encore ne comptent pas.",
    Shown.FIGURE,
    (
        query_of(
            """SELECT sum(kept)::float / nullif(sum(due), 0) AS "Taux tenu",
       max(target)::float AS "Objectif",
       sum(kept)::float / nullif(sum(due), 0) - max(target)::float AS "Écart à l’objectif",
       sum(due) || CASE WHEN sum(due) < 10 THEN ' (faible)' ELSE '' END AS "n"
FROM desk.rates, desk.target WHERE clock = 'reply' AND {chosen}"""
        ),
    ),
    fields=_RATES,
    width=12,
)
_LATE = Panel(
    "Sans réponse et en retard",
    "Courriers dont la limite est passée sans réponse, maintenant.",
    Shown.FIGURE,
    (Prom('sum(vaguemestre_desk_late_items{service=~"$service"})', "en retard"),),
    steps=((1, AMBER), (10, RED)),
    width=6,
)
_OLDEST = Panel(
    "Limite la plus ancienne encore ouverte",
    "Le courrier en retard depuis le plus longtemps : sa limite, et les jours de calendrier passés "
    "depuis.",
    Shown.FIGURE,
    (
        query_of(
            """SELECT to_char(min(oldest_limit), 'DD/MM/YYYY') AS "Limite",
       greatest(0, desk.today() - min(oldest_limit)) AS "Jours de retard"
FROM desk.rates WHERE clock = 'reply' AND {chosen}"""
        ),
    ),
    width=6,
)
_SERVICES = Panel(
    "Par service",
    "Réponses aux courriers reçus dans la période. « (faible) » : moins de dix, le taux ne prouve "
    "rien. Médiane et neuvième décile en jours ouvrés, exacts, des courriers répondus.",
    Shown.TABLE,
    (
        query_of(
            """SELECT name AS "Service", {columns},
       (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY days)
        FROM desk.promises p, generate_series(1, p.n)
        WHERE p.service = r.service AND clock = 'reply' AND days >= 0
          AND {chosen of p}) AS "Médiane",
       (SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY days)
        FROM desk.promises p, generate_series(1, p.n)
        WHERE p.service = r.service AND clock = 'reply' AND days >= 0
          AND {chosen of p}) AS "9e décile",
       service AS "code"
FROM desk.rates r JOIN desk.service_names USING (service), desk.target
WHERE clock = 'reply' AND {chosen}
GROUP BY service, name ORDER BY sum(kept)::float / nullif(sum(due), 0) NULLS LAST"""
        ),
    ),
    fields=_RATES,
    width=24,
    height=9,
)
_CHANNELS = Panel(
    "Par canal",
    "Réponses aux courriers reçus dans la période, par la voie d’arrivée.",
    Shown.TABLE,
    (
        query_of(
            """SELECT {channel} AS "Canal", {columns}
FROM desk.rates, desk.target WHERE clock = 'reply' AND {chosen}
GROUP BY channel ORDER BY channel"""
        ),
    ),
    fields=_RATES,
    width=24,
    height=6,
)
_MONTHS = Panel(
    "Taux tenu, par mois de réception",
    "Le taux de chaque mois et l’objectif. Le nombre de courriers de chaque mois est à côté.",
    Shown.LINES,
    (
        query_of(
            """SELECT month::timestamptz AS "time",
       sum(kept)::float / nullif(sum(due), 0) AS "Taux tenu", max(target)::float AS "Objectif"
FROM desk.rates, desk.target WHERE clock = 'reply' AND {chosen} GROUP BY month ORDER BY month"""
        ),
    ),
    unit="percentunit",
    width=8,
)
_COUNTED = Panel(
    "n, par mois de réception",
    "Sur combien de courriers porte le taux du mois ; moins de dix est trop peu pour conclure.",
    Shown.STEPS,
    (
        query_of(
            """SELECT month::timestamptz AS "time", sum(due) AS "n"
FROM desk.rates WHERE clock = 'reply' AND {chosen} GROUP BY month ORDER BY month"""
        ),
    ),
    width=8,
)
_DELAYS = Panel(
    "Délai de réponse, en jours ouvrés",
    "Médiane et neuvième décile des courriers répondus, par mois de réception : exacts, brut "
    "(l’attente de pièces n’est pas déduite).",
    Shown.LINES,
    (
        query_of(
            """SELECT month::timestamptz AS "time",
       percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS "Médiane",
       percentile_disc(0.9) WITHIN GROUP (ORDER BY days) AS "9e décile"
FROM desk.promises p, generate_series(1, p.n)
WHERE clock = 'reply' AND days >= 0 AND {chosen} GROUP BY month ORDER BY month"""
        ),
    ),
    may_be_empty=_NONE_YET,
)
_STATES = Panel(
    "Ouverts, par état",
    "Les courriers qui attendent quelque chose, maintenant.",
    Shown.BARS,
    (
        Prom(
            'sum by (state) (vaguemestre_desk_items{service=~"$service",'
            'state!~"answered|closed|merged|transferred|destroyed"})',
            "{{state}}",
        ),
    ),
    width=12,
)
_AGES = Panel(
    "En retard, par ancienneté",
    "Courriers non répondus, par jours de calendrier passés depuis la limite.",
    Shown.TABLE,
    (
        query_of(
            """SELECT CASE WHEN desk.today() - open_until <= 5 THEN '1 à 5 jours'
            WHEN desk.today() - open_until <= 15 THEN '6 à 15 jours'
            ELSE 'plus de 15 jours' END AS "Retard", sum(n) AS "Courriers"
FROM desk.promises WHERE clock = 'reply' AND result = 'open' AND open_until < desk.today()
  AND {chosen} GROUP BY 1 ORDER BY min(desk.today() - open_until)"""
        ),
    ),
    width=12,
    may_be_empty="Rien n’est en retard.",
)
_CLOCKS = Panel(
    "Tous les engagements",
    "Accusés, dates annoncées dans une réponse d’attente, transmissions : chacun avec son taux.",
    Shown.TABLE,
    (
        query_of(
            """SELECT {clock} AS "Engagement", {columns}
FROM desk.rates, desk.target WHERE {chosen} GROUP BY clock ORDER BY sum(due) DESC"""
        ),
    ),
    fields=_RATES,
    width=24,
    height=9,
)
_COURSES = Panel(
    "Cheminement",
    "Comment les courriers reçus dans la période ont été enregistrés, réattribués, répondus et "
    "prouvés : les mêmes nombres que la page Cheminement du bureau.",
    Shown.TABLE,
    (
        query_of(
            """SELECT CASE code WHEN 'enregistre-le-jour' THEN 'Enregistrés le jour de la réception'
            WHEN 'reattribue' THEN 'Réattribués une fois triés'
            WHEN 'delai-deduit' THEN 'Attente de pièces déduite'
            WHEN 'preuve' THEN 'Réponses prouvées' ELSE 'Grille de forme passée' END AS "Chiffre",
       k AS "Oui", n AS "Sur", CASE WHEN n >= 10 THEN k::float / n END AS "Part", code AS "code"
FROM desk.figures(date_trunc('month', $__timeFrom()::timestamptz)::date,
                  date_trunc('month', $__timeTo()::timestamptz)::date,
                  '{enregistre-le-jour,reattribue,delai-deduit,preuve,grille}'::text[],
                  ARRAY[${service:sqlstring}], ARRAY[${channel:sqlstring}])
WHERE service IS NULL AND channel IS NULL AND month IS NULL ORDER BY code"""
        ),
    ),
    fields=(("Part", "percentunit"),),
    width=24,
    height=7,
    may_be_empty="Rien n’a été reçu.",
)
_HOLDING = Panel(
    "Dates annoncées tenues",
    "Réponses d’attente : la nouvelle date qu’elles annoncent a-t-elle été tenue ?",
    Shown.FIGURE,
    (
        query_of(
            """SELECT sum(kept)::float / nullif(sum(due), 0) AS "Taux tenu",
       sum(due) || CASE WHEN sum(due) < 10 THEN ' (faible)' ELSE '' END AS "n",
       sum(open) AS "En cours"
FROM desk.rates WHERE clock = 'holding' AND {chosen}"""
        ),
    ),
    fields=_RATES,
    width=8,
    height=6,
    may_be_empty=_NONE_YET,
)
_RECEIPTS = Panel(
    "Accusés dans le délai",
    "Accusés d’enregistrement et accusés de réception (CRPA R112-11-2).",
    Shown.FIGURE,
    (
        query_of(
            """SELECT sum(kept)::float / nullif(sum(due), 0) AS "Taux tenu",
       sum(due) || CASE WHEN sum(due) < 10 THEN ' (faible)' ELSE '' END AS "n"
FROM desk.rates WHERE clock IN ('receipt', 'acknowledgement') AND {chosen}"""
        ),
    ),
    fields=_RATES,
    width=8,
    height=6,
)
_COMPLAINTS = Panel(
    "Réclamations répondues dans le délai",
    "Les réclamations ont leur propre délai de réponse.",
    Shown.FIGURE,
    (
        query_of(
            """SELECT sum(kept)::float / nullif(sum(due), 0) AS "Taux tenu",
       sum(due) || CASE WHEN sum(due) < 10 THEN ' (faible)' ELSE '' END AS "n",
       sum(open) AS "En cours"
FROM desk.rates WHERE clock = 'reply' AND complaint AND {chosen}"""
        ),
    ),
    fields=_RATES,
    width=8,
    height=6,
    may_be_empty=_NONE_YET,
)
_CLOSED = Panel(
    "Mois clos",
    "Les réponses de chaque mois, telles que le référent qualité les a closes, et telles que des "
    "faits postérieurs les font paraître aujourd’hui. Définition 1 : ce qui est classé sans "
    "réponse avant sa limite n’entre pas dans le taux ; définition 2 : compte comme non tenu.",
    Shown.TABLE,
    (
        query_of(
            """SELECT to_char(month, 'MM/YYYY') AS "Mois",
       due || CASE WHEN due < 10 THEN ' (faible)' ELSE '' END AS "n",
       kept::float / nullif(due, 0) AS "Taux tenu", target::float AS "Objectif",
       open AS "Encore ouverts à la clôture", due_now AS "n aujourd’hui",
       kept_now::float / nullif(due_now, 0) AS "Taux aujourd’hui", rules AS "Règles",
       definition AS "Définition",
       left(hash, 12) AS "Empreinte"
FROM desk.closed_rates ORDER BY month DESC LIMIT 13"""
        ),
    ),
    fields=(*_RATES, ("Taux aujourd’hui", "percentunit")),
    width=24,
    height=6,
    may_be_empty="Aucun mois n’est clos.",
)
_LIVE = Panel(
    "Taux tenu au fil des relevés, trois derniers mois de réception",
    "Le même taux, tel qu’il était au fil du temps : ce qu’un mois doit à ses derniers jours.",
    Shown.LINES,
    (
        Prom('vaguemestre:reply_kept:ratio{service=~"$service"}', "{{service}}"),
        Prom("max(vaguemestre_desk_target_ratio)", "objectif"),
    ),
    unit="percentunit",
    width=24,
)

BOARD = Board(
    "vaguemestre-engagements",
    "Tenue des engagements",
    "Ce qui a été promis est-il tenu ? Par service, canal et mois de réception, toujours avec n.",
    "now-6M",
    "5m",
    (
        _KEPT,
        _LATE,
        _OLDEST,
        _SERVICES,
        _MONTHS,
        _COUNTED,
        _DELAYS,
        _CHANNELS,
        _HOLDING,
        _RECEIPTS,
        _COMPLAINTS,
        _STATES,
        _AGES,
        _CLOCKS,
        _COURSES,
        _CLOSED,
        _LIVE,
    ),
)
