"""Who works where on a day, who stands in for whom, and who signs: the people as they stand."""
