-- Letters of ours that the post brought back: since when the mail office has one of an item before it.
ALTER TABLE desk.items ADD COLUMN returned_at timestamptz;
CREATE INDEX items_returned ON desk.items (returned_at) WHERE returned_at IS NOT NULL;
