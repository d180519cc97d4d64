-- What the mail office asks at every departure and on its page of the day.
CREATE INDEX departures_item ON desk.departures (item_id);
CREATE INDEX departures_recorded ON desk.departures (recorded_at);
CREATE INDEX notices_returned ON desk.notices (at) WHERE state IN ('bounced', 'failed');
CREATE INDEX arrivals_set_aside ON desk.arrivals (recorded_at) WHERE word = 'set_aside';
