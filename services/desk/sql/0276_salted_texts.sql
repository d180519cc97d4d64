-- A short text can be guessed from its SHA-256 once it is erased (« M. X absent »). So each text of the quality system
-- stands behind 32 hexadecimal digits of chance, which go with it. NULL: written before this, its digest is its own.
-- An erased text comes back no more: nobody can show that it is the one that was written.
ALTER TABLE desk.quality_texts ADD COLUMN salt text CHECK (salt ~ '^[0-9a-f]{32}$');

CREATE OR REPLACE FUNCTION desk.keep_texts() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id = OLD.id AND NEW.sha256 = OLD.sha256 AND NEW.kept_at = OLD.kept_at THEN
            IF NEW.body IS NULL THEN
                NEW.salt := NULL;
                RETURN NEW;
            END IF;
            IF NEW.body = OLD.body AND NEW.salt IS NOT DISTINCT FROM OLD.salt THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'A text of the quality system is never changed nor removed: erase its body.';
END
$keep$;
