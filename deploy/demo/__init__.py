"""demo: plays a month of a préfecture's mail on the real system, then checks every figure.

input/    the mails and letters, written for it         story.yaml     what people do, day by day
compose   a mail as octets, with all that goes wrong    expected.yaml  what must be so, by hand
paper     a letter as a copier scans it                 play, check    the script and the judge
"""
