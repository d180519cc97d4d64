"""ingest, the door: keeps what every source shows and tells it, judged but not decided.

Hears:  IMAP mailboxes and their Sent folders, scan folders, the spool     Tells:  arrivals
Keeps:  schema `ingest` (arrivals, checkpoints), the blob folder
Needs:  VAGUEMESTRE_DATABASE_URL, VAGUEMESTRE_KAFKA, VAGUEMESTRE_BLOBS, VAGUEMESTRE_SECRET,
        VAGUEMESTRE_IMAP_HOST, VAGUEMESTRE_PASSWORD_<MAILBOX>, VAGUEMESTRE_SPOOL,
        VAGUEMESTRE_SCANS; where wanted VAGUEMESTRE_SMIME_ROOTS, VAGUEMESTRE_DEPOSITS_SECRETS

The original octets are on the disk before the source is touched; a mail is marked, a file moved and
a deposit removed only after the transaction that keeps it has committed.
"""
