"""Who signed a mail by S/MIME, found by a child process without secrets (signature_child.py).

`signature_part.py` finds the octets that were signed, `signers.py` compares each signature with
them and says whose certificate it is and who vouches for it. Nothing here says whether a signature
is worth anything: revocation, policies and the law of signatures are a person's affair.
"""
