"""Pages, the kit that the register and the portal share: forms, static files, guards."""
