-- Why a reply was late, as a person says it (LateExplained). No earlier fact says it.
ALTER TABLE desk.items ADD late_cause text;
