"""sla, the clocks: times each item against the promises that apply to it, and says what falls due.

Hears:  items, arrivals (`SourceRead` only)     Tells:  clocks
Keeps:  schema `sla` (facts, items: plan, what stands, next wake-up; sources read)
Needs:  VAGUEMESTRE_DATABASE_URL, VAGUEMESTRE_KAFKA

A plan is a pure function of an item's facts and the applied rules; what is told is the difference
between the plan up to now and what stands (domain/). Two things move an item: a fact (handlers.py)
and the time (ticker.py), and both call the same `advance` under the same row lock.
"""
