"""What the register makes of each topic: lock, judge, keep, tell — a batch in one transaction."""
