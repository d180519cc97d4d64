"""The archive: closed items that leave as SEDA 2.2 packages before they are destroyed.

    proposed → visa → package taken → reply of the archive read → destroyed by a bordereau

Nothing is sent by itself: whoever answers for it takes the package and deposits it, and brings the
archive's reply back, or has both done by a job where the site names the archive's own server
(docs/decisions/0184). Only retention destroys (docs/decisions/0127).
"""
