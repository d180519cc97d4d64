"""`vaguemestre host`: the small préfectures of a machine as forks of one process.

`host run` imports the program once and forks, for each site that the fleet's file puts under it,
`run`, `desk serve` and `portal serve`, each as that site's own account, with that site's own
variables and secrets. The parent is root, reads none of them, serves nothing and connects to
nothing; it starts again what ended, ends with all it started, and answers the other commands of
`host` on a socket that root alone opens.

A site whose link names another release than the parent's is executed from that release instead, so
that `fleet upgrade` switches one site while the others stay; it is a fork again when the parent is
started from the new release.
"""
