"""The rules of the register: pure, without input, output or clock."""
