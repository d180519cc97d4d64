"""Lists that leave the register: .xlsx, .ods, .csv, asked for by a person or written each evening.

columns.py   what a line of a list says, in French
sheets.py    a table into a file of one of the three kinds
evening.py   the file with which an office goes on by hand if the system is down tomorrow
"""
