-- As 0266, and beside its columns what was told, which the portal judges itself: a row that PostgreSQL could not cast
-- would answer with an error, and one without a last day would be passed over.
CREATE OR REPLACE VIEW portal.place_exceptions AS
    SELECT (stated.payload::jsonb ->> 'number')::int AS number,
           stated.payload::jsonb ->> 'place' AS place,
           (stated.payload::jsonb ->> 'first')::date AS first_day,
           (stated.payload::jsonb ->> 'last')::date AS last_day,
           stated.payload::jsonb -> 'slots' AS slots,
           jsonb_build_object(
               'number', stated.payload::jsonb -> 'number', 'place', stated.payload::jsonb -> 'place',
               'first', stated.payload::jsonb -> 'first', 'last', stated.payload::jsonb -> 'last',
               'slots', stated.payload::jsonb -> 'slots') AS told
    FROM desk.quality_facts stated
    WHERE stated.type = 'HoursExcepted' AND NOT EXISTS (
        SELECT FROM desk.quality_facts ended
        WHERE ended.type = 'HoursExceptionEnded' AND ended.subject_id = stated.subject_id);
