"""What needs a person now: one sentence each, with what to do."""

from collections.abc import Iterator, Mapping

from services.ops.status.overview import Overview, Schema
from shared.content.encryption_metric import IN_CLEAR

STUCK = 300.0
"""Seconds after which what waits for Kafka does not leave by itself."""
LATE = 1800.0
"""Seconds after which a reminder or a mail is late."""
LISTS = {
    "to_qualify": "to qualify",
    "quarantine": "in quarantine",
    "receipt_to_confirm": "with a day of receipt to confirm",
    "to_print": "to print",
    "to_transmit": "to transmit elsewhere",
    "held": "held for a decision",
}


def needs(seen: Overview) -> Iterator[str]:
    """Yields a sentence for each problem of the installation that needs a person."""
    for process in seen.processes:
        if process.why:
            yield f"{process.name}: {process.why}"
        yield from (f"{process.name}: {sentence}" for sentence in process.look)
    yield from _of_keys(seen)
    yield from _of_kafka(seen)
    yield from _of_facts(seen)
    if seen.rung_seconds > LATE:
        yield f"Reminders are {duration(seen.rung_seconds)} late: look at `sla run`."
    if seen.mail_seconds > LATE:
        yield f"Mails have waited for the server for {duration(seen.mail_seconds)}."
    if seen.webhooks_failed:
        yield (
            f"{seen.webhooks_failed} items could not be told to other programs: « Envois en échec »"
            " (/abonnements/echecs), or `vaguemestre desk webhooks list`."
        )
    if seen.webhook_seconds > LATE:
        yield f"Other programs have waited to be told for {duration(seen.webhook_seconds)}."
    yield from _of_servers(seen)
    yield from _of_people(seen)


def _of_servers(seen: Overview) -> Iterator[str]:
    """What waits for the servers of others: the parapheur, Pastell, the archive."""
    if seen.parapheur_failed:
        yield f"{seen.parapheur_failed} letters failed at the parapheur: their items say why."
    if seen.parapheur_unanswered:
        yield (
            f"{seen.parapheur_unanswered} letters wait for a parapheur that gives no answer: "
            "its server, the firewall before `desk keep`, its account."
        )
    if seen.secure_mails_failed:
        yield (
            f"{seen.secure_mails_failed} letters did not leave as mails sécurisés: their items say"
            " why."
        )
    if seen.secure_mails_unanswered:
        yield (
            f"{seen.secure_mails_unanswered} mails sécurisés wait for a Pastell that gives no"
            " answer: its server, the firewall before `desk keep`, its account."
        )
    if seen.deposits_failed:
        yield (
            f"{seen.deposits_failed} packages for the archive wait for a person: their transfers"
            " (/versement) say why."
        )
    if seen.deposits_unanswered:
        yield (
            f"{seen.deposits_unanswered} packages wait for an archive's server that gives no"
            " answer: its address, the firewall before `desk keep`, its account."
        )


def outages(seen: Overview) -> Iterator[str]:
    """Yields those of the sentences of `needs` by which an installation does not do its work.

    A process that is down, Kafka away, facts that do not leave, a database that went back: what has
    to be well before and after an upgrade. A dead letter or a late answer waits for a person.
    """
    for process in seen.processes:
        if process.why:
            yield f"{process.name}: {process.why}"
    yield from _of_kafka(seen)
    for schema in seen.schemas:
        yield from _of_outbox(schema)


def summary(seen: Overview) -> Mapping[str, object]:
    """Sums the installation up for programs, as `vaguemestre status --json` prints it.

    `wrong` is what `outages` says, `people` the other sentences; `processes` gives each process's
    version, "" where it says none.
    """
    wrong = list(outages(seen))
    return {
        "authority": seen.authority,
        "live": seen.live,
        "processes": {process.name: process.version for process in seen.processes},
        "wrong": wrong,
        "people": [sentence for sentence in needs(seen) if sentence not in wrong],
        "waiting": sum(schema.untold + (schema.lag or 0) for schema in seen.schemas),
        "dead": sum(schema.dead for schema in seen.schemas),
    }


def _of_keys(seen: Overview) -> Iterator[str]:
    keys = sorted({process.writes for process in seen.processes} - {"", IN_CLEAR})
    for process in seen.processes if keys else ():
        if process.writes == IN_CLEAR:
            yield (
                f"{process.name}: writes in clear while key {', '.join(keys)} encrypts elsewhere;"
                " give it its keys (`vaguemestre keys use`) and restart it."
            )


def _of_kafka(seen: Overview) -> Iterator[str]:
    if any(schema.lag is None for schema in seen.schemas):
        yield "Kafka does not answer: facts wait in the outbox; start it, all resumes by itself."
    if older := [schema.name for schema in seen.schemas if schema.went_back]:
        yield (
            f"{', '.join(older)}: PostgreSQL went back to an earlier state: stop every process, "
            "and run `vaguemestre restored`."
        )


def _of_outbox(schema: Schema) -> Iterator[str]:
    if schema.untold_seconds > STUCK:
        waited = duration(schema.untold_seconds)
        yield f"{schema.name}: facts have waited for Kafka for {waited}."


def _of_facts(seen: Overview) -> Iterator[str]:
    for schema in seen.schemas:
        if schema.dead:
            listed = f"`vaguemestre {schema.name} dead-letters list`"
            yield f"{schema.name}: {schema.dead} dead letters; {listed}"
        yield from _of_outbox(schema)
        if schema.unheard:
            yield (
                f"{schema.name}: {schema.unheard} facts were told, never heard, and told again; "
                "`vaguemestre crosscheck` says whether all is known now."
            )
    quiet = all(not schema.untold and not schema.lag for schema in seen.schemas)
    if seen.unnamed > 0 and quiet:
        yield (
            f"{seen.unnamed} arrivals are kept and not registered: "
            + (
                "see desk's dead letters."
                if any(schema.name == "desk" and schema.dead for schema in seen.schemas)
                else "run `vaguemestre crosscheck`, it has them told again."
            )
        )


def work(seen: Overview) -> str:
    """Sums up in one line the work that waits for people: lists, held notices, silenced."""
    lists = {LISTS.get(wait.which, wait.which): wait.n for wait in seen.waits}
    lists[LISTS["held"]] = lists.get(LISTS["held"], 0) + seen.held
    lists["silenced (`vaguemestre notify silenced list`)"] = seen.silenced
    return ", ".join(f"{n} {what}" for what, n in lists.items() if n)


def _of_people(seen: Overview) -> Iterator[str]:
    for wait in seen.waits:
        if wait.days > 1:
            what = LISTS.get(wait.which, wait.which)
            yield f"{wait.n} {what}, the oldest for {wait.days} jours ouvrés."
    for kept in seen.kept:
        if kept.overdue:
            yield f"{kept.service}: {kept.overdue} unanswered past their limit."


def duration(seconds: float) -> str:
    """Formats a duration in seconds for a person: « 3 h », « 2 d »."""
    for name, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"
