-- online
-- Answers to the mails of an exercise among what was set aside: few rows, counted whenever somebody looks.
CREATE INDEX CONCURRENTLY arrivals_of_exercises ON desk.arrivals (source)
    WHERE word = 'set_aside' AND reason = 'exercise';
