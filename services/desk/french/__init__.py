"""The words of the register in French: labels, names, timelines and why, on pages and paper."""
