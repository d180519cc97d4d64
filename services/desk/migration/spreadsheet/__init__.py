"""What is taken over from another register: open items with their true dates, and closed lines.

    unpacking.py a spreadsheet (.xlsx, .ods, .csv) opened by a process of its own: it may be hostile
    grid.py      its lines as titles and cells
    mapping.py   which column says what, guessed from the titles, corrected by a person, kept
    cells.py     a cell as a text, a day, one of our ids
    lines.py     what each line says, or why it can't be taken: one sentence a line
    taking.py    lines into the register, a hundred at a time; a line taken twice is taken once

`desk import` takes them, or `desk keep` once a person asked for it by the pages (importing.py).

An open line becomes an item that is *imported*: timed from its true date, nothing said of its past.
A closed one becomes a line of `desk.past_lines`: found by the search, never timed.
"""
