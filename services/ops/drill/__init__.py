"""drill: does a backup of this register come back, whole, and how long does that take?

It takes a backup while everything runs, restores it into another database and another folder,
compares, and removes what it made. No process is started on the copy and Kafka is not asked for:
nothing is sent, nothing is told.

The order is the guide's. The spool is copied first, the base next, the originals last: a deposit
that was acknowledged is then in the copy of the spool or in the base, and each row's original is in
the copy. The base is dumped from the very snapshot whose tables were summed, so that the copy must
be equal to the row, whoever works meanwhile.

command.py      the command and its settings
side_place.py   where the copy may stand: never where the register does
backup.py       base and files: taken, brought back
table_sums.py   how many rows a table has, and one sum over their content
deposits.py     what was acknowledged and not taken in yet
proof.py        the night's verification, of the copy
exercise.py     the whole, in order
summary.py      what is said of it

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_DRILL_DATABASE_URL of an empty
        one, VAGUEMESTRE_BLOBS, VAGUEMESTRE_SPOOL; pg_dump and pg_restore of the server's version
"""
