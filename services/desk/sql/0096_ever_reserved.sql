-- Whether an item was réservé at any time: who reads it then is noted for ever (ADR 0036).
ALTER TABLE desk.items ADD was_reserved boolean NOT NULL DEFAULT false;
UPDATE desk.items SET was_reserved = true
WHERE confidentiality <> 'normal' OR EXISTS (
    SELECT FROM desk.facts f
    WHERE f.item_id = items.item_id AND f.type IN ('ItemRegistered', 'ItemReclassified')
      AND f.payload::jsonb #>> '{classification,confidentiality}' <> 'normal');
