-- What became of all arrivals, answers to the mails of an exercise apart from what was set aside: nobody put them
-- there, and no letter is among them. `desk.words` stays as the program before reads it.
CREATE VIEW desk.dispositions AS
    WITH answers AS (
        SELECT source, count(*) AS n FROM desk.arrivals
        WHERE word = 'set_aside' AND reason = 'exercise' GROUP BY source)
    SELECT source, word, sum(n)::bigint AS arrivals FROM (
        SELECT source, word, arrivals AS n FROM desk.words
        UNION ALL SELECT source, 'set_aside', -n FROM answers
        UNION ALL SELECT source, 'exercise_answers', n FROM answers) AS told
    GROUP BY source, word HAVING sum(n) <> 0;

CREATE FUNCTION desk.dispositions_by_hour(since timestamptz, until timestamptz)
RETURNS TABLE (hour timestamptz, channel text, word text, n integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = desk AS $hours$
    SELECT date_trunc('hour', recorded_at), coalesce(a.channel, 'none'),
           CASE WHEN a.word = 'set_aside' AND a.reason = 'exercise' THEN 'exercise_answers' ELSE a.word END,
           count(*)::integer
    FROM desk.arrivals a WHERE recorded_at >= since AND recorded_at < until GROUP BY 1, 2, 3
$hours$;
REVOKE ALL ON FUNCTION desk.dispositions_by_hour FROM public;

GRANT SELECT ON desk.dispositions TO vaguemestre_grafana;
GRANT EXECUTE ON FUNCTION desk.dispositions_by_hour(timestamptz, timestamptz) TO vaguemestre_grafana;
