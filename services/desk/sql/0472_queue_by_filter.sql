-- online
-- The queue in its order (0461) of one service, one source, one rule: a filter costs the letters that it gives.
CREATE INDEX CONCURRENTLY items_to_qualify_service ON desk.items
    (service, (priority = 'normale'), (coalesce(due, 'infinity'::date)), received_at, chrono)
    WHERE state = 'to_qualify';
CREATE INDEX CONCURRENTLY items_to_qualify_source ON desk.items
    (queue_source, (priority = 'normale'), (coalesce(due, 'infinity'::date)), received_at, chrono)
    WHERE state = 'to_qualify';
CREATE INDEX CONCURRENTLY items_to_qualify_rule ON desk.items
    (queue_rule, (priority = 'normale'), (coalesce(due, 'infinity'::date)), received_at, chrono)
    WHERE state = 'to_qualify';
