"""The SQL that panels of promises share: what the reader chose, a rate's columns, the words."""

from deploy.grafana.panels import Sql

_CHOSEN = """service IN (${service:sqlstring}) AND channel IN (${channel:sqlstring})
  AND month BETWEEN date_trunc('month', $__timeFrom()::timestamptz)::date AND $__timeTo()::date"""
_COLUMNS = """sum(due) || CASE WHEN sum(due) < 10 THEN ' (faible)' ELSE '' END AS "n",
       sum(kept)::float / nullif(sum(due), 0) AS "Taux tenu",
       sum(kept)::float / nullif(sum(due), 0) - max(target)::float AS "Écart à l’objectif",
       sum(late) AS "Répondus en retard", sum(overdue) AS "Non répondus en retard",
       sum(open) AS "À répondre, dans le délai", sum(observed) AS "Réponse vue, à confirmer",
       sum(closed) AS "Classés sans réponse\""""
_CHANNEL = """CASE channel WHEN 'email' THEN 'Courriel' WHEN 'form' THEN 'Formulaire'
            WHEN 'letter' THEN 'Lettre' WHEN 'registered_letter' THEN 'Recommandé'
            ELSE 'Remis en main propre' END"""
_CLOCK = """CASE clock WHEN 'reply' THEN 'Réponse' WHEN 'receipt' THEN 'Accusé d’enregistrement'
            WHEN 'acknowledgement' THEN 'Accusé de réception (CRPA)'
            WHEN 'services_publics' THEN 'Services Publics +'
            WHEN 'holding' THEN 'Date annoncée' WHEN 'pieces' THEN 'Pièces demandées'
            WHEN 'transmission' THEN 'Transmission' WHEN 'registration' THEN 'Enregistrement'
            ELSE 'Décision implicite' END"""
_PARTS = {
    "{chosen}": _CHOSEN,
    "{chosen of p}": _CHOSEN.replace("service IN", "p.service IN", 1),
    "{columns}": _COLUMNS,
    "{channel}": _CHANNEL,
    "{clock}": _CLOCK,
}


def query_of(text: str) -> Sql:
    """Makes a dashboard's SQL query from a text with placeholders such as `{chosen}`."""
    for name, part in _PARTS.items():
        text = text.replace(name, part)
    return Sql(text)
