"""status: what `vaguemestre status` says.

command.py    the command
overview.py   what is seen at one moment
questions.py  the questions: to the database, to each process, to Kafka
needs.py      what of it needs a person, one sentence each
screen.py     the same on one screen
"""
