-- The weekly page says the register's own figures: sums, never an item (ADR 0027). What was counted here,
-- notify.outcomes, is written no more.
GRANT USAGE ON SCHEMA desk TO vaguemestre_notify;
GRANT SELECT ON desk.rates TO vaguemestre_notify;
GRANT EXECUTE ON FUNCTION desk.answered(date, date) TO vaguemestre_notify;
