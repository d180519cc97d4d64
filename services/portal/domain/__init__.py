"""What the portal decides without asking anything: who may send, and what a form says."""
