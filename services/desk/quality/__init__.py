"""Quality: the figures of the label and what is made of them; one feature, which can be cut out.

domain/   figures with their intervals, verdicts and charts; pure
store/    questions to desk.figures and desk.delays (sql/0220, ADR 0078); free texts (sql/0240)

Its pages are services/desk/pages/quality, its templates templates/quality. Nothing of the register
imports any of it but the table of pages, and the app, which runs its reminders. Its facts:
shared/facts/quality.
"""
