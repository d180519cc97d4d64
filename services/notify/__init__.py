"""notify, the voice: the one service that writes to a sender or to one of ours.

Hears:  items, clocks, arrivals (bounces only), quality     Tells:  notices
Keeps:  schema `notify`: the facts a notice follows from, the ledger of notices, the rungs of
        digests, suppressed addresses, dead letters
Needs:  VAGUEMESTRE_DATABASE_URL, VAGUEMESTRE_KAFKA, VAGUEMESTRE_BLOBS, VAGUEMESTRE_SECRET,
        VAGUEMESTRE_SMTP_HOST (and _PORT, _USER, _PASSWORD, _TLS); VAGUEMESTRE_PORTAL_URL

A fact calls for a notice (`domain/occasions`), the site's table judges it (`domain/policy`), the
ledger remembers it under a key that is the same at every replay (`domain/ledger`), a worker sends
it. What is not sure is held for a person: `vaguemestre notify held list`.
"""
