"""portal, the public's door: takes messages by the form, shows what becomes of them, asks opinions.

Hears:  nothing                                      Tells:  nothing
Keeps:  its deposits, in schema `portal`; beside them the register writes what each may show
Needs:  VAGUEMESTRE_DATABASE_URL, VAGUEMESTRE_SPOOL, VAGUEMESTRE_PORTAL_URL; VAGUEMESTRE_CLAMD;
        VAGUEMESTRE_DEPOSITS_URL where ingest is elsewhere

Deposit form, pages that follow and satisfaction survey, without an account: no third party, no
cookie, no address kept; every page works without JavaScript. A deposit is on the disk, in ingest's
spool, before the person reads that we have it; sheets of the survey lie beside, and have no name.
Where no disk is shared the spool is the portal's own, and sent from there (docs/decisions/0212).
Other programs deposit the same way, by a key (`/api/v1/depots`, docs/decisions/0162). There is no
Kafka here and no register: the role of this process may insert a deposit, read the rules,
`portal.followed`, `portal.followed_letters`, `portal.deposit_keys` and `portal.surveys`, add visits
up, and nothing else (docs/decisions/0072, 0142). While PostgreSQL is away the pages stand on the
rules, and deposits on the keys, that were last known (docs/decisions/0020).
"""
