-- How promises stand by service, channel, clock and month: what pages and dashboards draw. `due` is what
-- can be judged: kept, late, and overdue (open past its limit). What is open and not due, observed or
-- closed in time stands apart.
CREATE VIEW desk.rates AS
    SELECT service, channel, complaint, clock, month,
           coalesce(sum(n) FILTER (WHERE result = 'kept'), 0)::integer AS kept,
           coalesce(sum(n) FILTER (WHERE result = 'late'), 0)::integer AS late,
           coalesce(sum(n) FILTER (WHERE result = 'open' AND open_until < today), 0)::integer AS overdue,
           coalesce(sum(n) FILTER (WHERE result = 'open' AND open_until >= today), 0)::integer AS open,
           coalesce(sum(n) FILTER (WHERE result = 'observed'), 0)::integer AS observed,
           coalesce(sum(n) FILTER (WHERE result = 'closed'), 0)::integer AS closed,
           coalesce(sum(n) FILTER (WHERE result IN ('kept', 'late')
                                      OR result = 'open' AND open_until < today), 0)::integer AS due,
           min(open_until) FILTER (WHERE result = 'open') AS oldest_limit
    FROM desk.promises, desk.today() AS today
    GROUP BY service, channel, complaint, clock, month;

-- Where the links of a dashboard lead, and whose it is.
CREATE VIEW desk.site_seen AS
    SELECT bundle #>> '{identity,authority}' AS authority, bundle #>> '{identity,desk_url}' AS desk_url
    FROM site.versions ORDER BY version DESC LIMIT 1;

GRANT SELECT ON desk.rates, desk.site_seen TO vaguemestre_grafana;
