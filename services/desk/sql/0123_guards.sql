-- What is news of a clock or of a notice is judged by its own revision (docs/decisions/0051).
ALTER TABLE desk.clocks ADD heard jsonb NOT NULL DEFAULT '{}';   -- part of the clock → revision of the last word on it
-- What was heard before is judged as it was: nothing below the clock's last revision is news.
UPDATE desk.clocks SET heard = jsonb_build_object('limit', revision, 'pause', revision, 'end', revision,
                                                  'rungs', revision);
ALTER TABLE desk.notices ADD revision integer;                   -- none: told before notices carried theirs
