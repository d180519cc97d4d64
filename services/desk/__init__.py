"""desk, the register: gives every arrival its place, keeps every fact, and takes decisions.

Hears:  arrivals, clocks, notices; people            Tells:  items, quality
Keeps:  schema `desk` (arrivals, items, every fact with its author and its evidence chain; months,
        lists and draws in a chain of their own)
Needs:  VAGUEMESTRE_DATABASE_URL, VAGUEMESTRE_KAFKA, VAGUEMESTRE_SECRET, VAGUEMESTRE_BLOBS,
        VAGUEMESTRE_SPOOL; for the pages VAGUEMESTRE_DESK_URL, VAGUEMESTRE_OIDC_*,
        VAGUEMESTRE_CLAMD

Two processes: `desk keep` hears the topics, `desk serve` shows the pages; decisions are taken on
the pages or by short commands. All write through the same few functions: lock, judge, commit fact,
row and outbox.
An item's row is always what its facts say (domain/item.py): nothing else changes it.
"""
