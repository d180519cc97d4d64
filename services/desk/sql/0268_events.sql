-- Events of module 7 (docs/decisions/0090): nothing here is evidence, the chain of quality is. All of it can be made
-- again: what a rule found, by looking again; what a mass reply did, from the facts of its items.
GRANT INSERT ON site.events TO vaguemestre_desk;

-- What the approved rule of an event said of each item received since: `words`, or NULL for « not about it ».
CREATE TABLE desk.event_looks (
    subject_id uuid NOT NULL,
    item_id    uuid NOT NULL,
    version    integer NOT NULL,          -- of the rule
    words      text,
    PRIMARY KEY (subject_id, item_id)
);
CREATE INDEX event_looks_hits ON desk.event_looks (subject_id) WHERE words IS NOT NULL;

-- One row an item of an ordered mass reply, in the order in which they leave.
CREATE TABLE desk.mass_items (
    subject_id uuid NOT NULL,
    number     integer NOT NULL,
    position   integer NOT NULL,
    item_id    uuid NOT NULL,
    state      text NOT NULL DEFAULT 'waits' CHECK (state IN ('waits', 'ordered', 'left_out')),
    why        text,
    notice_id  uuid,
    at         timestamptz,
    PRIMARY KEY (subject_id, number, position)
);
CREATE INDEX mass_items_waiting ON desk.mass_items (subject_id, number, position) WHERE state = 'waits';
CREATE INDEX mass_items_of ON desk.mass_items (item_id);
