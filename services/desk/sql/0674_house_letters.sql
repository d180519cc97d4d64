-- A letter of the house (docs/decisions/0190) is used like one of a library, and stands in none.
ALTER TABLE desk.letter_uses DROP CONSTRAINT letter_uses_letter_number_fkey;
-- Not verified: every line stood under the reference.
ALTER TABLE desk.letter_uses
    ADD CONSTRAINT letter_uses_number CHECK ((number = 0) = starts_with(letter, '_')) NOT VALID;
-- What lies beside its pli: `blobs check` takes a file that no row names for a stray one.
ALTER TABLE desk.letter_uses ADD files text[] NOT NULL DEFAULT '{}';
