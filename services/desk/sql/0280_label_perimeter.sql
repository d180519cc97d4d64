-- The label covers services, each from a day on (docs/decisions/0083). `perimeter` says of an item whether it counts:
-- its classification is inside, and so was its service on day 0. `outside_service`: the service that the label left
-- out on that day, where that alone is the reason. Both are what the facts give (store/items.py, verified each night),
-- so that whatever reads `perimeter` — counts, months, lists, draws, dashboards — says the same.
ALTER TABLE desk.items ADD outside_service text;

-- Whether the label covers a service on a local day: the change with the latest day that has come counts, of one day
-- the last; a service of which nobody said anything is inside.
CREATE FUNCTION desk.perimeter_change(service text, day date) RETURNS desk.quality_facts
LANGUAGE sql STABLE AS $change$
    SELECT f.* FROM desk.quality_facts f
    WHERE f.type = 'PerimeterChanged' AND f.payload::jsonb ->> 'service' = service
      AND (f.payload::jsonb ->> 'since')::date <= day
    ORDER BY (f.payload::jsonb ->> 'since')::date DESC, f.seq DESC LIMIT 1
$change$;
CREATE FUNCTION desk.perimeter_at(service text, day date) RETURNS boolean
LANGUAGE sql STABLE AS $inside$
    SELECT coalesce((SELECT (c.payload::jsonb ->> 'inside')::boolean
                     FROM desk.perimeter_change(service, day) AS c), true)
$inside$;
REVOKE ALL ON FUNCTION desk.perimeter_change, desk.perimeter_at FROM public;

-- The portal tells a sender which service has their letter, whether or not the label covers it.
CREATE OR REPLACE VIEW portal.following AS
    SELECT a.arrival_id, a.item_id,
           CASE WHEN a.word IN ('quarantine', 'set_aside') THEN 'looked_at'
                WHEN i.item_id IS NULL THEN 'received'
                WHEN i.answered_at IS NOT NULL THEN 'answered'
                ELSE 'registered' END AS state,
           i.chrono,
           CASE WHEN (i.perimeter OR i.outside_service IS NOT NULL) AND i.confidentiality = 'normal'
                 AND i.state NOT IN ('to_qualify', 'merged', 'transferred', 'destroyed', 'closed', 'returned')
                THEN i.service END AS service,
           CASE WHEN i.state = 'awaiting_pieces' THEN 'pieces' END AS missing,
           a.recorded_at
    FROM desk.arrivals a LEFT JOIN desk.items i USING (item_id)
    WHERE a.source = 'spool' AND a.channel = 'form';

-- What is outside the perimeter of what was received in these months, as many as desk.figures says of
-- `hors-perimetre`: by reason and by whom it was put out. `way`: person (who stated it, or qualified the item
-- since), rule (one that the site marks certain), proposal (a rule's, that nobody has confirmed), unknown.
-- `label` (two persons left the service out, `reason` service-hors-label). `late`: on that day, or when it was
-- answered before, the reply was late.
CREATE OR REPLACE FUNCTION desk.outside(first date, last date, services text[] DEFAULT NULL, channels text[] DEFAULT NULL)
RETURNS TABLE (reason text, way text, service text, channel text, n bigint, late bigint)
LANGUAGE sql STABLE AS $outside$
    WITH zone AS MATERIALIZED (
        SELECT bundle #>> '{identity,timezone}' AS name FROM site.versions ORDER BY version DESC LIMIT 1
    ), asked AS MATERIALIZED (
        SELECT i.item_id, i.service, i.channel, i.answered_at, i.outside_service, i.received_on, i.registered_at
        FROM desk.items i
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
    ), put_out AS (
        SELECT a.*, CASE WHEN a.outside_service IS NULL THEN put.recorded_at
                         ELSE greatest(left_out.recorded_at, a.registered_at) END AS put_at
        FROM asked a LEFT JOIN put USING (item_id)
        LEFT JOIN LATERAL desk.perimeter_change(a.outside_service, a.received_on) AS left_out
             ON a.outside_service IS NOT NULL
    )
    SELECT CASE WHEN a.outside_service IS NULL THEN coalesce(put.said #>> '{classification,reason}', '')
                ELSE 'service-hors-label' END,
           CASE WHEN a.outside_service IS NOT NULL THEN 'label'
                WHEN put.item_id IS NULL THEN 'unknown'
                WHEN put.by LIKE 'person:%' THEN 'person'
                WHEN put.said #>> '{proposal,certain}' IS NOT NULL THEN 'rule'
                WHEN put.confirmed THEN 'person'
                ELSE 'proposal' END,
           a.service, a.channel, count(*),
           count(*) FILTER (WHERE c.limit_day < (least(a.answered_at, a.put_at)
                                                 AT TIME ZONE (SELECT name FROM zone))::date)
    FROM put_out a LEFT JOIN put USING (item_id)
    LEFT JOIN desk.clocks c ON c.item_id = a.item_id AND c.clock = 'reply'
    GROUP BY 1, 2, 3, 4
$outside$;
