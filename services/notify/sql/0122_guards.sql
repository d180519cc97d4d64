-- What was last heard of each clock and of each rung, by the fact's own revision: what is older changes
-- nothing, however late it comes, and what is not is taken, whatever was heard of its item meanwhile.
ALTER TABLE notify.clocks ADD floor integer NOT NULL DEFAULT 0;  -- up to it a lower revision was old news for the whole item
UPDATE notify.clocks SET floor = revision;
ALTER TABLE notify.rungs ADD revision integer NOT NULL DEFAULT 0;
UPDATE notify.rungs SET revision = (fact->>'revision')::integer WHERE fact->>'revision' ~ '^[0-9]{1,9}$';

CREATE TABLE notify.clock_guards (
    item_id   uuid NOT NULL,
    clock     text NOT NULL,
    ended     integer NOT NULL,             -- revision of its last end: all that was told before is over
    moved     integer NOT NULL,             -- revision of the last word on its limit
    limit_day date,                         -- and that limit
    PRIMARY KEY (item_id, clock)
);
CREATE TABLE notify.rung_guards (           -- of the rungs that were taken back since their clock's last end
    item_id  uuid NOT NULL,
    clock    text NOT NULL,
    rung     text NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (item_id, clock, rung)
);
