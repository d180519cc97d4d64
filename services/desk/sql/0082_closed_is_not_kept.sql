-- Closing without a reply before the limit is not keeping the promise (CLOCKS rule 11, ADR 0027): `closed`
-- is due, beside kept, late and overdue. Months closed before keep the definition they were closed with.
CREATE OR REPLACE VIEW desk.rates AS
    SELECT service, channel, complaint, clock, month,
           coalesce(sum(n) FILTER (WHERE result = 'kept'), 0)::integer AS kept,
           coalesce(sum(n) FILTER (WHERE result = 'late'), 0)::integer AS late,
           coalesce(sum(n) FILTER (WHERE result = 'open' AND open_until < today), 0)::integer AS overdue,
           coalesce(sum(n) FILTER (WHERE result = 'open' AND open_until >= today), 0)::integer AS open,
           coalesce(sum(n) FILTER (WHERE result = 'observed'), 0)::integer AS observed,
           coalesce(sum(n) FILTER (WHERE result = 'closed'), 0)::integer AS closed,
           coalesce(sum(n) FILTER (WHERE result IN ('kept', 'late', 'closed')
                                      OR result = 'open' AND open_until < today), 0)::integer AS due,
           min(open_until) FILTER (WHERE result = 'open') AS oldest_limit
    FROM desk.promises, desk.today() AS today
    GROUP BY service, channel, complaint, clock, month;

-- By which definition a month was closed: 1, what was closed before its limit is left out of the rate;
-- 2, it counts as not kept. A program that does not know of it closes by the first.
ALTER TABLE desk.closed_months ADD definition integer NOT NULL DEFAULT 1;

-- Both figures of a month are of its own definition, so that what differs is what happened since.
CREATE OR REPLACE VIEW desk.closed_rates AS
    SELECT m.month, m.closed_at, m.rules, m.target, m.hash,
           coalesce(sum(c.n) FILTER (WHERE c.result = 'kept'), 0)::integer AS kept,
           coalesce(sum(c.n) FILTER (WHERE c.result IN ('kept', 'late', 'overdue')
                                        OR c.result = 'closed' AND m.definition > 1), 0)::integer AS due,
           coalesce(sum(c.n) FILTER (WHERE c.result IN ('open', 'observed')), 0)::integer AS open,
           (SELECT coalesce(sum(r.kept), 0) FROM desk.rates r
            WHERE r.month = m.month AND r.clock = 'reply')::integer AS kept_now,
           (SELECT coalesce(sum(r.due - CASE WHEN m.definition > 1 THEN 0 ELSE r.closed END), 0)
            FROM desk.rates r
            WHERE r.month = m.month AND r.clock = 'reply')::integer AS due_now,
           m.definition
    FROM desk.closed_months m
    LEFT JOIN desk.closed_promises_counts c ON c.month = m.month AND c.clock = 'reply'
    GROUP BY m.month;
