-- A root each night and each hour of work in which something grew (docs/decisions/0048): several of one day.
ALTER TABLE desk.roots DROP CONSTRAINT roots_day_key;
CREATE INDEX roots_day ON desk.roots (day);
