"""A large register, made by the database itself, and what people ask of it."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote_plus
from uuid import UUID

from services.desk.domain.registration import facts, reading
from services.desk.domain.stamp import Stamp
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection, Pool
from tests.desk_builders import a_site, an_arrival, certain

LIVE = datetime(2020, 1, 1, tzinfo=UTC)
AT_ONCE = 20_000
OPEN = 5_000
"""Items that wait for an answer, the newest: as many letters a day make a longer past, no more."""
WAITING = 300
"""Items to qualify."""
NOBODY = ItemId(UUID(int=0))
NO_CHRONO = Chrono("36-2026-A-000000")
SERVICES = ("courrier", "bmi", "dre", "juridique")

_FIRST = [
    "ma", "lu", "ber", "dou", "fon", "gar", "han", "jo", "ker", "lam", "mor", "nav", "pel",
    "qui", "rou", "sau", "tur", "val", "weil", "yvo",
]  # fmt: skip
_LAST = [
    "tin", "cas", "nard", "pont", "tier", "riel", "sen", "let", "mec", "bel", "reau", "gois",
    "din", "trel", "vier", "sset", "lin", "non", "gnac", "rat",
]  # fmt: skip
NAMES = [f"{a}{b}{c}".capitalize() for a in _FIRST for b in ("", "ri", "lan", "te") for c in _LAST]
CALLED = [
    "Ana", "Émile", "Chloé", "Denis", "Ève", "Farid", "Guy", "Hélène", "Inès", "Jean", "Kevin",
    "Léa", "Marc", "Noé", "Odile", "Paul",
]  # fmt: skip
SUBJECTS = (
    "Titre de séjour", "Renouvellement de carte", "Subvention de l’association", "Permis perdu",
    "Expulsion locative", "Inondation du quartier", "Certificat d’immatriculation", "Passeport",
)  # fmt: skip
_WORDS = [
    "bonjour", "madame", "monsieur", "préfecture", "demande", "dossier", "attente", "réponse",
    "pièces", "jointes", "merci", "rendez-vous", "formulaire", "refus", "délai", "urgence",
    "situation", "famille", "logement", "travail", "enfant", "école", "employeur", "contrat",
    "mairie", "commune", "arrêté", "décision", "recours", "courrier", "téléphone", "adresse",
    "attestation", "justificatif", "domicile", "copie", "original", "photographie", "timbre",
    "paiement",
]  # fmt: skip


def texts(number: int = 2000) -> list[str]:
    """Bodies of a hundred words, each with one word of its own."""
    chance = random.Random(36)  # noqa: S311  (the same register each time)
    return [f"{' '.join(chance.choices(_WORDS, k=100))} référence{n:05d}" for n in range(number)]


@asynccontextmanager
async def _unheard(connection: Connection, *tables: str) -> AsyncIterator[None]:
    """What is written there meanwhile is told to nobody, counted nowhere, followed by no public.

    Their triggers are made for the statements of people: of one that changes every letter each
    would be asked what changed among all.
    """
    for table in tables:
        await connection.execute(f"ALTER TABLE desk.{table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        for table in tables:
            await connection.execute(f"ALTER TABLE desk.{table} ENABLE TRIGGER USER")


async def fill(pool: Pool, before: int, items: int, *, heard: bool = False) -> None:
    """Adds items `before + 1` to `items`: facts, rows, arrivals, what is findable.

    `heard`: webhooks are told of their facts.
    """
    site, arrival = a_site(), an_arrival("bench", routing=certain(), pli=None)
    opening = reading(arrival, site, doubtful=False)
    stamp = Stamp(NOBODY, 0, NOBODY, "rule:guichet", LIVE)
    (fact,) = facts(arrival, opening, NO_CHRONO, site, stamp)
    senders = [f"{called} {name}" for name in NAMES for called in CALLED[:4]]
    async with (
        pool.acquire() as connection,
        _unheard(connection, "items", "arrivals", *([] if heard else ["facts"])),
    ):
        await connection.execute("SET synchronous_commit = off")
        slowly = partial(connection.execute, timeout=900)
        index = await connection.fetchval("SELECT pg_get_indexdef('desk.search_words'::regclass)")
        await connection.execute("DROP INDEX desk.search_words")  # made anew is made faster
        await slowly(_CLOSED)
        await connection.execute("CREATE TEMP TABLE texts (n int PRIMARY KEY, body text)")
        await connection.copy_records_to_table("texts", records=list(enumerate(texts())))
        for start in range(before, items, AT_ONCE):
            last = min(start + AT_ONCE, items)
            await connection.execute("DROP TABLE IF EXISTS made")
            await slowly(_MADE, start + 1, last, LIVE, senders, SUBJECTS, SERVICES, items - OPEN)
            await slowly(_FACTS, fact.model_dump_json(), str(NOBODY), str(fact.event_id), NO_CHRONO)
            await slowly(_ITEMS)
            await slowly(_ARRIVALS, arrival.model_dump_json())
            await slowly(_SEARCH)
        await connection.execute("DROP TABLE texts")
        await connection.execute("SET maintenance_work_mem = '256MB'")
        await slowly(index)
        await connection.execute("RESET ALL")
    await pool.execute("TRUNCATE desk.to_index")
    await pool.execute(_WAITS, WAITING)
    for table in ("items", "waits", "search", "facts", "arrivals", "vocabulary"):
        await pool.execute(f"VACUUM ANALYZE desk.{table}", timeout=900)


# Parameters of CREATE TABLE … AS are typed by their casts.
_MADE = """
    CREATE TEMP TABLE made AS
    SELECT n, md5('item' || n)::uuid AS item_id, md5('event' || n)::uuid AS event_id,
           '36-2026-A-' || lpad(n::text, greatest(6, length(n::text)), '0') AS chrono,
           $3::timestamptz + n * interval '3 minutes' AS at,
           ($4::text[])[1 + abs(hashint4(n)) % cardinality($4::text[])] AS sender,
           ($5::text[])[1 + n % cardinality($5::text[])] AS subject,
           ($6::text[])[1 + abs(hashint4(n + 7)) % cardinality($6::text[])] AS service,
           n > $7::int AS open
    FROM generate_series($1::int, $2::int) AS n
"""
_FACTS = """
    INSERT INTO desk.facts (event_id, item_id, seq, type, by, happened_at, recorded_at, payload, link)
    SELECT event_id, item_id, 1, 'ItemRegistered', 'rule:guichet', at, at,
           replace(replace(replace($1::text, $2::text, item_id::text), $3::text, event_id::text),
                   $4::text, chrono), 'bench'
    FROM made
"""  # noqa: E501  (a query is read as it is sent)
_ITEMS = """
    INSERT INTO desk.items
        (item_id, chrono, seq, state, channel, category, nature, perimeter, priority,
         confidentiality, service, received_on, received_at, provisional, registered_at, due,
         due_clock)
    SELECT item_id, chrono, 1, CASE WHEN open THEN 'open' ELSE 'closed' END, 'email',
           'titre-de-sejour', 'request', true, 'normale', 'normal', service, at::date, at, false,
           at, CASE WHEN open THEN current_date + n % 97 % 15 - 3 END,
           CASE WHEN open THEN 'reply' END
    FROM made
"""
_ARRIVALS = """
    INSERT INTO desk.arrivals
        (arrival_id, revision, word, item_id, source, channel, received_at, fingerprint, original,
         told, recorded_at)
    SELECT event_id, 1, 'item', item_id, 'mailbox:bmi', 'email', at, md5('print' || n),
           'bench', $1::text, at
    FROM made
"""
_CLOSED = """
    UPDATE desk.items SET state = 'closed', due = NULL, due_clock = NULL, at_risk = false
    WHERE state = 'open'
"""
_WAITS = """
    INSERT INTO desk.waits (id, waiting, service, since)
    SELECT item_id, 'to_qualify', 'courrier', registered_at FROM desk.items
    ORDER BY registered_at DESC LIMIT $1 ON CONFLICT DO NOTHING
"""
_SEARCH = """
    INSERT INTO desk.search (id, kind, at, chrono, sender, subject, body)
    SELECT item_id, 'item', at, chrono, sender, subject, body
    FROM made JOIN texts ON texts.n = abs(hashint4(made.n + 3)) % 2000
"""


_QUEUED = """
    UPDATE desk.items SET state = 'to_qualify', queue_source = 'mailbox:bmi',
        queue_rule = CASE WHEN right(chrono, 3) = '007' THEN 'rare' ELSE 'guichet' END
"""
_STATES = "CREATE TABLE bench_states AS SELECT item_id, state FROM desk.items"
_AS_BEFORE = """
    UPDATE desk.items i SET state = b.state, queue_source = NULL, queue_rule = NULL
    FROM bench_states b WHERE b.item_id = i.item_id
"""


@asynccontextmanager
async def all_to_qualify(pool: Pool) -> AsyncIterator[None]:
    """Every letter of the register waits in the queue meanwhile."""
    await pool.execute(_STATES)
    await _change_all(pool, _QUEUED)
    try:
        yield
    finally:
        await _change_all(pool, _AS_BEFORE)
        await pool.execute("DROP TABLE bench_states")


async def queue_waiting(pool: Pool) -> None:
    """The letters that wait to be qualified stand in the queue from now on."""
    waiting = "WHERE item_id IN (SELECT id FROM desk.waits WHERE waiting = 'to_qualify')"
    await _change_all(pool, f"{_QUEUED} {waiting}")


async def _change_all(pool: Pool, statement: str) -> None:
    async with pool.acquire() as connection, _unheard(connection, "items"):
        await connection.execute(statement, timeout=900)
    await pool.execute("VACUUM ANALYZE desk.items", timeout=900)


def questions(items: int, asks: int) -> dict[str, list[str]]:
    """What people ask: addresses by page. Of five searches one has a typing error, one a number."""
    chance = random.Random(items)  # noqa: S311  (the same questions each time)

    def name() -> str:
        return chance.choice(NAMES)

    def slipped() -> str:
        typed = name()
        at = chance.randrange(1, len(typed) - 2)
        return f"{typed[:at]}{typed[at + 1]}{typed[at]}{typed[at + 2 :]}"

    searches = [
        lambda: f"q={quote_plus(name())}",
        lambda: f"q={quote_plus(f'{chance.choice(CALLED[:4])} {name()}')}",
        lambda: f"q={quote_plus(slipped())}",
        lambda: f"q={chance.randrange(1, items)}",
        lambda: f"q={quote_plus(chance.choice(SUBJECTS))}",
        lambda: f"q={quote_plus(f'référence{chance.randrange(2000):05d}')}",
        lambda: f"q={quote_plus(name())}&service={chance.choice(SERVICES)}",
        lambda: f"q=demande+de+logement&service={chance.choice(SERVICES)}&etat=open",
        lambda: f"service={chance.choice(SERVICES)}&etat=late",
        lambda: f"q={quote_plus(chance.choice(_WORDS))}",
    ]
    return {
        "list": [
            f"/courriers?service={SERVICES[n % 4]}" if n % 2 else f"/service/{SERVICES[n % 4]}"
            for n in range(asks)
        ],
        "item": [f"/courrier/{_chrono(chance.randrange(1, items))}" for _ in range(asks)],
        "search": [f"/recherche?{searches[n % len(searches)]()}" for n in range(asks)],
    }


def _chrono(number: int) -> str:
    return f"36-2026-A-{number:06d}"
