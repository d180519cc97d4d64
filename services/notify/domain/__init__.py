"""The rules of what is said, to whom and when: pure, without I/O or clock."""
