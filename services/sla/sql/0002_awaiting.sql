-- After a rebuild nothing is told of an item until its facts are back: few, or a person must know.
CREATE INDEX items_awaiting ON sla.items (item_id) WHERE awaits > 0;
