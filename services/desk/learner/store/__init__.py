"""What learning reads of the register and writes into it."""
