-- A free text of the quality system is written once: it may go (body NULL, erased_at) and come back as the very text
-- of its digest; nobody rewrites it, and its row stays. An administrator who turns the trigger off is named by the
-- nightly verification, which compares each text with the digest in its fact (evidence/verification/writings.py).
CREATE FUNCTION desk.keep_texts() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id = OLD.id AND NEW.sha256 = OLD.sha256 AND NEW.kept_at = OLD.kept_at AND (
            NEW.body IS NULL OR NEW.body = OLD.body
            OR OLD.body IS NULL AND encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex') = OLD.sha256) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'A text of the quality system is never changed nor removed: erase its body.';
END
$keep$;
CREATE TRIGGER keep_texts BEFORE UPDATE OR DELETE ON desk.quality_texts
    FOR EACH ROW EXECUTE FUNCTION desk.keep_texts();
CREATE TRIGGER keep_all_texts BEFORE TRUNCATE ON desk.quality_texts
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_texts();
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'quality_texts', '{SELECT,INSERT,UPDATE}');
