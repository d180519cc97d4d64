-- Files that a prepared letter takes along its way (docs/decisions/0197): keys of blobs, in the folder of the decision that
-- prepared it. What each is called stands in the text of each step, beside what the letter says.
ALTER TABLE desk.circuit_letters ADD COLUMN files text[] NOT NULL DEFAULT '{}';
