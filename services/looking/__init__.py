"""looking: what `vaguemestre status` says.

overview.py  what is seen at one moment
asking.py    the questions: to the database, to each process, to Kafka
needs.py     what of it needs a person, one sentence each
screen.py    the same on one screen
"""
