"""rehearsal: what a change of rules or of program does to people, before it is made.

Facts are replayed, read-only and sending nothing. The pure part, in the order in which it is used:

outcome.py      what people see of one item under given rules
notice_walk.py  every notice that an item ever called for
replay.py       facts and rules → outcome
rule_scope.py   what can differ at all between two versions, and which rows do
item_scope.py   which of these clocks can, of one item
restatement.py  facts as other tables would have had them stated
reasons.py      why something differs, by the line of a table
difference.py   two outcomes → what differs
comparison.py   one item under two rules
tally.py        sums: rates with their intervals, who hears

And the other sides of a comparison:

content.py      what other routing rules say of the letters themselves
history_mail.py mail from before go-live, as if it had been tracked
own_mail.py     mails of a folder, judged and told of in memory
own_mail_text.py  what they would have been, as lines of a terminal or of JSON
child.py        the program that another release runs: facts on a pipe, outcomes back

The command on top of both:

ground.py       applied versions, perimeter, moment: read once
fact_pages.py   the register's facts, page after page
engine.py       every item of every page compared, counted, told
sides.py        which items under what: folder, month, mail from before go-live
release.py      another release's wheel, unpacked apart and asked
upgrade.py      what `migrate` refuses
text.py         lines of a terminal, lines of JSON
command.py      `vaguemestre rehearse`
"""
