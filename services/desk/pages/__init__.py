"""The pages of the register, in French: what the mail office and the services look at.

They show and decide nothing yet, and know no sign-in: `desk serve` answers this machine alone.
They work without JavaScript, load nothing from elsewhere, and write a mark beside every colour.
"""
