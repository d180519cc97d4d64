-- Items of which a letter came back that nobody has dealt with: their holders read a line each morning.
ALTER TABLE notify.items ADD COLUMN returned boolean NOT NULL DEFAULT false;
CREATE INDEX items_returned ON notify.items (item_id) WHERE returned;
