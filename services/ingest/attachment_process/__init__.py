"""What stands in attached files, read by a child process without secrets (attachment_child.py).

`kinds.py` says what a file is by its octets, whatever its name says; `containers.py`, `tnef.py` and
`domain/cms.py` open what holds other files; `office.py`, `rtf.py` and `pdf_layer.py` take
text out; `file_reader.py` is where they meet. What is a picture, or a PDF whose text can't be
believed, is read by OCR elsewhere (services/ingest/attachment_reader.py).
"""
