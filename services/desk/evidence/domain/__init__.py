"""The rules of evidence: what is drawn, what differs, and what a refold must give."""
