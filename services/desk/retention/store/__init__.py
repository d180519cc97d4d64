"""What retention asks and writes of its own: destruction lists, files that leave the disk."""
