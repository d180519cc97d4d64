"""grafana: three dashboards, declared here as tables of panels and written as JSON.

`make dashboards` writes dashboards/*.json and docs/dashboards.md, the same for the same code.
provisioning/ has the files by which a Grafana finds them and its two data sources: Prometheus, and
PostgreSQL through the site's role that ends in `_grafana`, which sees sums only.

panels.py    what a panel is
queries.py   the SQL that its panels share
promises.py  Tenue des engagements: for heads and the quality officer
office.py    Bureau du courrier: on the wall of the mail office
platform.py  Plateforme: for whoever runs the system
builder.py   from these tables to Grafana's JSON
pages.py     from these tables to docs/dashboards.md
"""
