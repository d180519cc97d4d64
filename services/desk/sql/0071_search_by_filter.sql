-- What a filter asks alone: a rare category, a state that few are in.
CREATE INDEX items_state ON desk.items (state, registered_at DESC, chrono DESC);
CREATE INDEX items_category ON desk.items (category, registered_at DESC, chrono DESC);

-- What was received by a day was registered within the month that followed it, but for these.
CREATE INDEX items_keyed_late ON desk.items (received_on, registered_at)
    WHERE (registered_at AT TIME ZONE 'UTC')::date - received_on > 30;
