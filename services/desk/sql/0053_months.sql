-- A closed month: its figures, the items they are made of, the rules and calendar that judged them, and
-- a hash of it all. It is never changed; what happens later stands beside it (store/months.py).
CREATE TABLE desk.closed_months (
    month     date PRIMARY KEY CHECK (month = date_trunc('month', month::timestamp)::date),
    closed_at timestamptz NOT NULL,
    as_of     date NOT NULL,             -- the local day by which overdue was judged
    by        text NOT NULL,
    rules     integer NOT NULL,
    calendar  text NOT NULL,             -- digest of the rules and the days they count
    target    numeric NOT NULL,
    hash      text NOT NULL              -- SHA-256, domain/months.py
);

-- One row an item and promise, as it stood; no name, no text.
CREATE TABLE desk.closed_promises (
    month     date NOT NULL REFERENCES desk.closed_months,
    item_id   uuid NOT NULL,
    clock     text NOT NULL,
    chrono    text NOT NULL,
    service   text NOT NULL,
    channel   text NOT NULL,
    complaint boolean NOT NULL,
    result    text NOT NULL,             -- as desk.result_of says, or overdue
    limit_day date NOT NULL,
    days      integer NOT NULL,          -- jours ouvrés used, -1 where it has no answer
    PRIMARY KEY (month, item_id, clock)
);

CREATE FUNCTION desk.keep_months() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    RAISE EXCEPTION 'A closed month is never changed nor removed: corrections stand beside it.';
END
$keep$;
CREATE TRIGGER keep_months BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.closed_months
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_months();
CREATE TRIGGER keep_promises BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.closed_promises
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_months();
SELECT site.keep_counts('desk', 'closed_promises', 'month, service, channel, complaint, clock, result');

-- What the same question says today: overdue is open past its limit.
CREATE VIEW desk.judged AS
    SELECT month, item_id, clock, chrono, service, channel, complaint,
           CASE WHEN result = 'open' AND limit_day < desk.today() THEN 'overdue' ELSE result END AS result,
           limit_day, days
    FROM desk.indicators;

-- Replies of each closed month: as closed, and as the same month stands now.
CREATE VIEW desk.closed_rates AS
    SELECT m.month, m.closed_at, m.rules, m.target, m.hash,
           coalesce(sum(c.n) FILTER (WHERE c.result = 'kept'), 0)::integer AS kept,
           coalesce(sum(c.n) FILTER (WHERE c.result IN ('kept', 'late', 'overdue')), 0)::integer AS due,
           coalesce(sum(c.n) FILTER (WHERE c.result IN ('open', 'observed')), 0)::integer AS open,
           (SELECT coalesce(sum(r.kept), 0) FROM desk.rates r
            WHERE r.month = m.month AND r.clock = 'reply')::integer AS kept_now,
           (SELECT coalesce(sum(r.due), 0) FROM desk.rates r
            WHERE r.month = m.month AND r.clock = 'reply')::integer AS due_now
    FROM desk.closed_months m
    LEFT JOIN desk.closed_promises_counts c ON c.month = m.month AND c.clock = 'reply'
    GROUP BY m.month;
GRANT SELECT ON desk.closed_rates TO vaguemestre_grafana;
