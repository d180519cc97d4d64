-- How many notices stand in each state.
SELECT site.keep_counts('notify', 'ledger', 'state, kind');
