"""Search: by words in what letters say, and the job that indexes them."""
