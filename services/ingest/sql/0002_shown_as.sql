-- What a document's octets alone do not say (its pages in the batch, sheets, who handed it in), so
-- that it can be judged again; JSON without names or text. Null for mails and forms.

ALTER TABLE ingest.arrivals ADD COLUMN shown_as text;
