"""What another version reads of messages that stood on the wire: JSON in, what it lost out.

Run by path with the tree of that version as its only argument; by the name of a fact its octets
come in, and what that version does not say again goes out. Facts that it does not know are left
out: they reach it as rows of dead letters, which the version that knows them takes.
"""

import json
import sys


def main() -> None:
    """Answers by the name of each fact known there with the places that were lost, or the error."""
    from tests.golden.test_golden import DECODERS, EVERY, _lost  # noqa: PLC0415  (of the other version)

    found = {}
    for name, text in json.load(sys.stdin).items():
        if (fact := EVERY.get(name)) is None:
            continue
        try:
            decoded = DECODERS[fact.topic].validate_json(text)
        except ValueError as error:
            found[name] = [f"unreadable: {error}"]
            continue
        known = json.loads(decoded.model_dump_json())
        lost = _lost({key: part for key, part in json.loads(text).items() if key in known}, known)
        found[name] = lost if type(decoded) is fact else [type(decoded).__name__]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    main()
