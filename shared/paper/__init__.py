"""What is printed: letters, the public's form, separator sheets and the codes on them."""
