"""SEDA 2.2 without input or output: what a manifest says, its rules, and what a reply says."""
