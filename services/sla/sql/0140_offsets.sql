-- How far the topics that it hears were taken.
SELECT site.keep_offsets('sla');
