"""The pure rules of the clocks: no I/O, no clock (docs/clocks.md numbers them).

Read them along the way of the data:

    known          the facts that stand, in order                          rules 16, 20
    rules          the applied versions, and what a local day is           rule 14
    commitments    which promise applies                                   rule 20
    holders        who has it, since when, and who is above                rules 5, 6
    waits          the time waiting for pieces                             rule 13
    promises       each clock's day 0 and limit                            rules 2, 3, 9, 17, 18, 19
    endings        what stops each clock, and the two figures              rules 11, 12, 17, 20
    ladder         the day of each rung                                    rules 2, 3, 4, 13, 15
    postponements  what puts rungs off                                     rules 5, 8
    plan           all of it, dated: `plan(facts, rulebook)`
    announce       what to tell: the plan against what stands              rules 1, 6, 7
    advance        the one step that handler and ticker take
    explain        the computation sheet
"""
