-- What is kept of the answer of the server that took a mail: its codes and its queue number.
ALTER TABLE notify.ledger ADD answer text;
