-- Slips, panels and posters for places of reception stand in the library of standard letters: written, submitted,
-- approved and withdrawn like these, in one more language if somebody reviewed it.
ALTER TABLE desk.letter_versions
    DROP CONSTRAINT letter_versions_kind_check,
    ADD CONSTRAINT letter_versions_kind_check CHECK (kind IN
        ('reply', 'holding_reply', 'pieces', 'transfer', 'fiche', 'panneau', 'affiche')),
    ADD place text,                      -- of a sheet: where it hangs; none: at every place
    ADD offline text,                    -- of a sheet: how to do without internet
    ADD check_every integer CHECK (check_every BETWEEN 1 AND 36),   -- of a sheet: months
    ADD language text,                   -- of a sheet: its second language
    ADD other_subject text,
    ADD other_body text,
    ADD reviewer text,                   -- who reviewed it in that language
    ADD reviewed_on date,
    ADD CHECK ((kind IN ('fiche', 'panneau', 'affiche')) = (check_every IS NOT NULL)),
    ADD CHECK ((language IS NULL) = (reviewer IS NULL) AND (language IS NULL) = (reviewed_on IS NULL)
        AND (language IS NULL) = (other_body IS NULL) AND (language IS NULL) = (other_subject IS NULL));

-- As before; what is said in another language is kept as well.
CREATE OR REPLACE FUNCTION desk.keep_letters() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state IN ('draft', 'submitted') OR (
            OLD.state = 'approved' AND NEW.state = 'withdrawn'
            AND (NEW.letter, NEW.number, NEW.kind, NEW.title, NEW.subject, NEW.body, NEW.author)
                = (OLD.letter, OLD.number, OLD.kind, OLD.title, OLD.subject, OLD.body, OLD.author)
            AND (NEW.anonymity, NEW.approved_by, NEW.approved_at, NEW.alone, NEW.place, NEW.offline,
                 NEW.check_every, NEW.language, NEW.other_subject, NEW.other_body, NEW.reviewer,
                 NEW.reviewed_on)
                IS NOT DISTINCT FROM
                (OLD.anonymity, OLD.approved_by, OLD.approved_at, OLD.alone, OLD.place, OLD.offline,
                 OLD.check_every, OLD.language, OLD.other_subject, OLD.other_body, OLD.reviewer,
                 OLD.reviewed_on))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'An approved letter is never changed nor removed: write its next version.';
END
$keep$;
