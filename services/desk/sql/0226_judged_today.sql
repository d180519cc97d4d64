-- The same promises as before, today's day asked once: asked for each that is open, it reads the site's rules each
-- time, and some thousand always are.
CREATE OR REPLACE VIEW desk.judged AS
    SELECT month, item_id, clock, chrono, service, channel, complaint,
           CASE WHEN result = 'open' AND limit_day < today THEN 'overdue' ELSE result END AS result,
           limit_day, days
    FROM desk.indicators, desk.today() AS today;
