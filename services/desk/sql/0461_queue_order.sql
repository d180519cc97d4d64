-- online
-- The queue in its order, urgent letters first: its pages, and the next letter that nobody has open.
CREATE INDEX CONCURRENTLY items_to_qualify ON desk.items
    ((priority = 'normale'), (coalesce(due, 'infinity'::date)), received_at, chrono)
    WHERE state = 'to_qualify';
