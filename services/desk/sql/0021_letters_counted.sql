-- How often each version of a letter was used: the library asks it at every visit.
SELECT site.keep_counts('desk', 'letter_uses', 'letter, number');
