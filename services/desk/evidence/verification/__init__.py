"""Whether figures and evidence hold: everything that counts, compared with the facts it came from.

registry   the checks by name; a chain of another topic adds its own
ground     what every check stands on
chains     each chain once: links, row, clocks, closed months, and documents
counts     the sums that gauges and pages read, counted again
months     closed months against their hash
roots      roots against the chains, and against what left this house
copies     facts against what others heard of them, sealed or not
quality    the chain of quality, and what it tells of
surveys    sheets of the survey against the batches in which they were sealed
writings   texts and files that facts of quality name
originals  documents: conforme, altéré, manquant sans décision, retiré, chiffré sans clé
night      the task: each night, kept in desk.verifications

A check reads and changes nothing. What it finds is a `Difference` each: where, what, from, to.
"""
