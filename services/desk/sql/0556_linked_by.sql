-- What on its paper links an item to another. linked_why keeps a word that the version before knows, which
-- reads no other and runs beside this one during an upgrade.
ALTER TABLE desk.items ADD COLUMN linked_by text;
