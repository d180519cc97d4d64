-- Which kept rehearsal (desk.rehearsals) an applied version rests on, where whoever applied it named one.
ALTER TABLE site.versions ADD COLUMN rehearsal integer;
