"""The guide's chapter of installation, as commands: its marked blocks are read, and run."""
