"""The reading process: opens, looks at, reads and cuts scanned files for the door that started it.

    python -m services.ingest.scan_process NICE TESSDATA FOLDER…

It is apart because it reads hostile octets with C libraries: whoever started it kills it when it is
late, and it may crash as it likes. One request a line on standard input, one answer a line on
standard output, in JSON; the answer to `cut` is followed by its octets. It ends with its standard
input, and by itself when a request lasts longer than it said.

    {"do": "open", "file": "/…", "seconds": 30}     → {"pages": 3, "media_type": "…"}
    {"do": "look", …, "page": 1}                    → {"codes": [["VGM1:…", 98.2, …]], "blank": …}
    {"do": "read", …, "page": 1}                    → {"text": "…", "confidence": 93.1, …}
    {"do": "cut", …, "page": 1, "last": 2}          → {"octets": 48211} and the octets
    any of them                                     → {"fault": "scan-encrypted"}
"""
