-- The date of silence that a letter made to be printed tells: when the clock's moves, it is made anew.
ALTER TABLE notify.ledger ADD COLUMN says date;
