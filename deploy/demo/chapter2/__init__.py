"""The second chapter of the demo, 10 June to 31 December 2026: `make demo CHAPTER=2`.

mails.yaml      what comes in, and on which day each is answered
acts.yaml       what people do on the pages, day by day
expected.yaml   what must be so at its end, by hand
"""
