"""The pure rules of the door: octets in, judgements out; no I/O, no clock."""
