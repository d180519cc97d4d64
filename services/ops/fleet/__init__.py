"""fleet: several préfectures on shared servers, looked at together, upgraded one after the other.

command.py   the commands `vaguemestre fleet status`, `plan`, `upgrade`, `each`
listing.py   the fleet's file: which sites, on which machine, in which order
machine.py   a command run for one site, here or by ssh
standing.py  how a site stands, as its own `vaguemestre status --json` says
walk.py      the upgrade: well, migrate, switch, restart, well again; then the next site
screen.py    all sites in one table

Nothing is remembered: how far an upgrade came is asked of the sites, so that the same command
goes on where it was cut.
"""
