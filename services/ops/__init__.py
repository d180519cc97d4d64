"""ops: what looks after the installation as a whole, and may therefore know every service.

installation.py  `migrate`, `topics`, `former-topics`
crosscheck.py    `crosscheck`: what was told and never heard
retell.py        `retell`: what Kafka lost, told again
restore.py       `restored`: after PostgreSQL went back
to_say_again.py  what people said in lost hours, for them to say again
kafka_rights.py  `kafka-rights`
status/          `status`: how everything stands
rehearsal/       what a change of rules does to people, before it is made
replanner.py     sla's plan, given to the register's verification
site_effects.py  what an apply moves, given to `site`

Nothing imports it but the table of commands (services/__main__.py); .importlinter says so. What it
does to a schema it does by a function of that service's store.
"""
