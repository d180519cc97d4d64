"""blobs: what `vaguemestre blobs` does for the folder of originals, and a bucket.

A file is written before the row that names it, so a crash in between leaves one that no row names:
personal data that no rule of retention would ever reach. And a row may outlive its file, by a disk,
a restore or a hand. Both are found here; nothing is removed without being asked for.

inventory.py    rows and files, compared
turnover.py     files in clear encrypted, files of one key put under another
bucket_keys.py  the same of a bucket's objects
move.py         the folder's files moved into a bucket
command.py      the commands

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_BLOBS, VAGUEMESTRE_KEYRING,
        VAGUEMESTRE_BUCKET
"""
