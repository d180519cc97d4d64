"""Store of the portal: rows in schema `portal`, notes on the disk while there is no database."""
