-- Which hours of a place differ on which days, as the portal shows them: codes, days and hours from the chain, no
-- reason and no author.
CREATE VIEW portal.place_exceptions AS
    SELECT (stated.payload::jsonb ->> 'number')::int AS number,
           stated.payload::jsonb ->> 'place' AS place,
           (stated.payload::jsonb ->> 'first')::date AS first_day,
           (stated.payload::jsonb ->> 'last')::date AS last_day,
           stated.payload::jsonb -> 'slots' AS slots
    FROM desk.quality_facts stated
    WHERE stated.type = 'HoursExcepted' AND NOT EXISTS (
        SELECT FROM desk.quality_facts ended
        WHERE ended.type = 'HoursExceptionEnded' AND ended.subject_id = stated.subject_id);
GRANT SELECT ON portal.place_exceptions TO vaguemestre_portal, vaguemestre_desk;
