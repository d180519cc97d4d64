-- What a complaint or suggestion is about, as its classification says: a code of labels.yaml. No earlier fact has one.
ALTER TABLE desk.items ADD theme text;
