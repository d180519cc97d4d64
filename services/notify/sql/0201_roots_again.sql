-- A root whose mail failed or came back leaves again by its road, in the mail of the next root.
ALTER TABLE notify.root_roads DROP CONSTRAINT root_roads_pkey,
    ADD PRIMARY KEY (event_id, road, notice_id);
CREATE OR REPLACE VIEW notify.roots_left AS
    SELECT road.event_id, seal.day, road.road, road.root, one.state, one.changed_at, seal.night
    FROM notify.root_roads road
    JOIN notify.seals seal USING (event_id)
    LEFT JOIN notify.ledger one ON one.notice_id = road.notice_id;
