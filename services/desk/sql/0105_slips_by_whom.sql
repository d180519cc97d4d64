-- Who noted the archivist's visa and who gave a bordereau up; NULL where it was before this was kept.
ALTER TABLE desk.slips ADD visa_by text, ADD dropped_by text;
