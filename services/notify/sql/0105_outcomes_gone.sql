-- How clocks ended was counted here for the weekly page. Since 0082 that page says the register's own
-- figures (ADR 0027), and no program of version 1 writes or reads this: it would only grow stale.
DROP TABLE notify.outcomes;
