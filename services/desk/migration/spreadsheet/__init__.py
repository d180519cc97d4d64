"""What is taken over from another register: open items with their true dates, and closed lines.

    spreadsheet_child.py  opens .xlsx, .ods and .csv in a process of its own: they may be hostile
    grid.py               its lines as titles and cells
    column_map.py         which column says what: guessed from the titles, corrected by a person
    cells.py              a cell as a text, a day, one of our ids
    lines.py              what each line says, or why it can't be taken: one sentence a line

migration/importer.py takes the lines into the register, a hundred at a time; a line taken twice is
taken once. `desk import` does it, or `desk keep` (migration/job.py) once a page asked for it.

An open line becomes an item that is *imported*: timed from its true date, nothing said of its past.
A closed one becomes a line of `desk.past_lines`: found by the search, never timed.
"""
