"""The platform: PostgreSQL, Kafka and the process, as every service stands on them.

Nothing here knows what a letter is. From the ground up: `observability` (logs, metrics, traces,
health), `postgres` and `kafka` (how each is reached and what must be there), the clock and the
jobs, `messaging` (outbox, relay, consumer, inbox, dead letters), and `process`, where they meet.
"""
