"""Evidence: seals, roots, draws and audits, the proof of an item, and the nightly verification."""
