-- Whoever stands in for a colleague has their daily acts, and reads nothing réservé unless the site
-- says so (ADR 0035). `persons` names everybody for whom somebody asks; a name with a `!` before it
-- is of those whose réservé items they read as well. `led`: services whose réservé items they read.
CREATE OR REPLACE FUNCTION desk.known_to(item desk.items, everything boolean, secrets boolean, persons text[],
                                         services text[], led text[])
RETURNS boolean LANGUAGE sql STABLE AS $known$
    SELECT CASE WHEN item.confidentiality = 'normal'
        THEN everything OR item.service = ANY(services) OR item.copies && services
            OR coalesce(item.agent = ANY(persons), false) OR coalesce(item.signatory = ANY(persons), false)
            OR item.informed && persons
        ELSE secrets OR item.service = ANY(led)
            OR coalesce('!' || item.agent = ANY(persons), false)
            OR coalesce('!' || item.signatory = ANY(persons), false)
            OR string_to_array('!' || array_to_string(item.informed, ',!'), ',') && persons END
$known$;
