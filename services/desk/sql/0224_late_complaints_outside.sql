-- What the pages of late replies, of complaints and of what is outside the perimeter count (docs/decisions/0082). Months
-- are told by their first day, both included; `services`, `channels`: only these.

-- The late replies of these months, one row each: answered after the limit, or not answered and past it. As many
-- as desk.figures says of `reponse`.
CREATE FUNCTION desk.late_replies(first date, last date, services text[] DEFAULT NULL,
                                  channels text[] DEFAULT NULL)
RETURNS TABLE (item_id uuid, chrono text, service text, channel text, month date, result text,
               limit_day date, days integer, cause text, received_on date, answered_at timestamptz)
LANGUAGE sql STABLE AS $late$
    SELECT j.item_id, j.chrono, j.service, j.channel, j.month, j.result, j.limit_day, j.days, i.late_cause,
           i.received_on, i.answered_at
    FROM desk.judged_in(first, last) j JOIN desk.items i USING (item_id)
    WHERE j.clock = 'reply' AND j.result IN ('late', 'overdue')
      AND (services IS NULL OR j.service = ANY (services))
      AND (channels IS NULL OR j.channel = ANY (channels))
$late$;

-- Complaints and suggestions by theme and channel, with every total: a null theme or channel is all of them, an
-- empty theme is not said. `received`: whatever the perimeter; k, n and what stands beside them are of the
-- replies, as many as desk.figures says of `reclamation`; delays in jours ouvrés, raw.
CREATE FUNCTION desk.complaints(first date, last date, services text[] DEFAULT NULL,
                                channels text[] DEFAULT NULL)
RETURNS TABLE (nature text, theme text, channel text, received bigint, k bigint, n bigint, low float8, high float8,
               late bigint, overdue bigint, unanswered bigint, open bigint, observed bigint,
               delays bigint, median integer, ninth_decile integer)
LANGUAGE sql STABLE AS $complaints$
    WITH stated AS (
        SELECT i.nature, coalesce(i.theme, '') AS theme, i.channel, i.service, true AS item,
               NULL::text AS result, NULL::integer AS days
        FROM desk.items i
        WHERE i.received_on >= first AND i.received_on < (last + interval '1 month')::date
          AND i.nature IN ('complaint', 'suggestion') AND i.state <> 'merged'
        UNION ALL
        SELECT i.nature, coalesce(i.theme, ''), j.channel, j.service, false, j.result, j.days
        FROM desk.judged_in(first, last) j JOIN desk.items i USING (item_id)
        WHERE j.clock = 'reply' AND i.nature IN ('complaint', 'suggestion')
    ), sums AS (
        SELECT s.nature, s.theme, s.channel, count(*) FILTER (WHERE s.item) AS received,
               count(*) FILTER (WHERE s.result = 'kept') AS k,
               count(*) FILTER (WHERE s.result IN ('kept', 'late', 'overdue', 'closed')) AS n,
               count(*) FILTER (WHERE s.result = 'late') AS late,
               count(*) FILTER (WHERE s.result = 'overdue') AS overdue,
               count(*) FILTER (WHERE s.result = 'closed') AS unanswered,
               count(*) FILTER (WHERE s.result = 'open') AS open,
               count(*) FILTER (WHERE s.result = 'observed') AS observed,
               count(*) FILTER (WHERE s.result IN ('kept', 'late') AND s.days >= 0) AS delays,
               percentile_disc(0.5) WITHIN GROUP (ORDER BY s.days)
                   FILTER (WHERE s.result IN ('kept', 'late') AND s.days >= 0) AS median,
               percentile_disc(0.9) WITHIN GROUP (ORDER BY s.days)
                   FILTER (WHERE s.result IN ('kept', 'late') AND s.days >= 0) AS ninth_decile
        FROM stated s
        WHERE (services IS NULL OR s.service = ANY (services))
          AND (channels IS NULL OR s.channel = ANY (channels))
        GROUP BY s.nature, CUBE (s.theme, s.channel)
    )
    SELECT s.nature, s.theme, s.channel, s.received, s.k, s.n, w.low, w.high, s.late, s.overdue, s.unanswered,
           s.open, s.observed, s.delays, s.median, s.ninth_decile
    FROM sums s, desk.wilson(s.k, s.n) AS w
$complaints$;

-- What is outside the perimeter of what was received in these months, as many as desk.figures says of
-- `hors-perimetre`: by reason and by whom it was put out. `way`: person (who stated it, or qualified the item
-- since), rule (one that the site marks certain), proposal (a rule's, that nobody has confirmed), unknown.
-- `late`: on that day, or when it was answered before, the reply was late.
CREATE FUNCTION desk.outside(first date, last date, services text[] DEFAULT NULL, channels text[] DEFAULT NULL)
RETURNS TABLE (reason text, way text, service text, channel text, n bigint, late bigint)
LANGUAGE sql STABLE AS $outside$
    WITH zone AS MATERIALIZED (
        SELECT bundle #>> '{identity,timezone}' AS name FROM site.versions ORDER BY version DESC LIMIT 1
    ), asked AS MATERIALIZED (
        SELECT i.item_id, i.service, i.channel, i.answered_at FROM desk.items i
        WHERE i.received_on >= first AND i.received_on < (last + interval '1 month')::date
          AND NOT i.perimeter AND i.state <> 'merged'
          AND (services IS NULL OR i.service = ANY (services))
          AND (channels IS NULL OR i.channel = ANY (channels))
    ), stated AS MATERIALIZED (
        SELECT f.item_id, f.event_id, f.seq, f.type, f.by, f.recorded_at, f.payload::jsonb AS said
        FROM asked JOIN desk.facts f USING (item_id)
        WHERE f.type IN ('ItemRegistered', 'ItemReclassified', 'WaitEnded', 'FactWithdrawn')
    ), standing AS MATERIALIZED (
        SELECT s.*, (s.said #> '{classification,perimeter}')::boolean AS inside
        FROM stated s
        WHERE s.type <> 'FactWithdrawn' AND (s.item_id, s.event_id::text) NOT IN (
            SELECT w.item_id, w.said ->> 'fact' FROM stated w
            WHERE w.type = 'FactWithdrawn' AND w.said ->> 'fact_type' = 'ItemReclassified')
    ), by_item AS (
        SELECT item_id, coalesce(max(seq) FILTER (WHERE inside), 0) AS inside_until,
               max(seq) FILTER (WHERE by LIKE 'person:%' AND (
                   type = 'ItemReclassified' OR said ->> 'waiting' = 'to_qualify')) AS by_person
        FROM standing GROUP BY item_id
    ), put AS (
        SELECT DISTINCT ON (s.item_id) s.item_id, s.by, s.recorded_at, s.said,
               s.by LIKE 'person:%' OR b.by_person > s.seq AS confirmed
        FROM standing s JOIN by_item b USING (item_id)
        WHERE NOT s.inside AND s.seq > b.inside_until
        ORDER BY s.item_id, s.seq
    )
    SELECT coalesce(put.said #>> '{classification,reason}', ''),
           CASE WHEN put.item_id IS NULL THEN 'unknown'
                WHEN put.by LIKE 'person:%' THEN 'person'
                WHEN put.said #>> '{proposal,certain}' IS NOT NULL THEN 'rule'
                WHEN put.confirmed THEN 'person'
                ELSE 'proposal' END,
           a.service, a.channel, count(*),
           count(*) FILTER (WHERE c.limit_day < (least(a.answered_at, put.recorded_at)
                                                 AT TIME ZONE (SELECT name FROM zone))::date)
    FROM asked a LEFT JOIN put USING (item_id)
    LEFT JOIN desk.clocks c ON c.item_id = a.item_id AND c.clock = 'reply'
    GROUP BY 1, 2, 3, 4
$outside$;

REVOKE ALL ON FUNCTION desk.late_replies, desk.complaints, desk.outside FROM public;
