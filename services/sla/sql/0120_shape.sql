-- The shape in which a row's plan and standing are written (services/sla/stored.py, docs/decisions/0040):
-- what stands here already is of the first.
ALTER TABLE sla.items ADD shape integer NOT NULL DEFAULT 1;
