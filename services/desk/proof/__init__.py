"""What goes into the ZIP of a proof as it stands: a page to read and a program to run."""
