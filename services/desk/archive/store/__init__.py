"""What the archive's pages ask and write of their own: transfers, their lines, replies."""
