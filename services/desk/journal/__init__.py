"""The journal of readings and refusals: kept, and sent to a collector of logs."""
