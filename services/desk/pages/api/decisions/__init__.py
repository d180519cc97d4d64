"""The decisions that a program may take by its key, and those that only a person does."""
