"""Migration: what another register held is read from a spreadsheet and taken over."""
