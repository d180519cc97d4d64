-- A document is on the disk before the fact that names it is told: whoever dies in between leaves octets that nobody
-- knows of. So its folder is written down first; after a day, one that no fact names is erased (desk/quality/uploads.py).
CREATE TABLE desk.quality_uploads (
    owner        uuid PRIMARY KEY,       -- the form: the second part of the blob's key
    year         integer NOT NULL,
    announced_at timestamptz NOT NULL
);
ALTER TABLE desk.erasures DROP CONSTRAINT erasures_why_check;
ALTER TABLE desk.erasures ADD CONSTRAINT erasures_why_check
    CHECK (why IN ('withdrawn', 'destroyed', 'set_aside', 'unnamed'));
