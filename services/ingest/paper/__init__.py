"""What the mail office prints for its scanner: separator sheets and numbered stickers, as PDF."""
