-- Letters to a third party whose answer an item waits for stand in the library of standard letters (docs/decisions/0185).
ALTER TABLE desk.letter_versions
    DROP CONSTRAINT letter_versions_kind_check,
    ADD CONSTRAINT letter_versions_kind_check CHECK (kind IN
        ('reply', 'holding_reply', 'pieces', 'transfer', 'third', 'fiche', 'panneau', 'affiche'));
