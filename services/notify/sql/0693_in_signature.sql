-- Items whose reply lies with somebody to be read or signed: they read a line each morning (docs/decisions/0192).
ALTER TABLE notify.items ADD COLUMN signing boolean NOT NULL DEFAULT false;
