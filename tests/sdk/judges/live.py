"""Conversations of SDKs with `sdk-capture serve`: `python JUDGE.py BASE`.

A case is a function that is called with each kind of provider; what it raises is a fault.
"""

import sys
import urllib.request

from captured import MUTE, Faults

CASES = []


def case(function):
    CASES.append(function)
    return function


def base_url(kind):
    return f"{sys.argv[1]}/{kind}"


def run(name, leave_out=()):
    """Runs all cases with all kinds but those that cannot have them: pairs of a kind (or a beginning of one) and a case."""
    faults, count = Faults(), 0
    with urllib.request.urlopen(f"{sys.argv[1]}/kinds", timeout=10) as answer:
        kinds = [kind for kind in answer.read().decode().split() if kind not in MUTE]
    for kind in kinds:
        for function in CASES:
            if any(kind.startswith(prefix) and function.__name__ in names for prefix, names in leave_out):
                continue
            count += 1
            try:
                function(kind)
            except Exception as error:
                faults.add({"kind": kind, "case": function.__name__, "stream": False}, error)
    faults.show()
    if not count:
        sys.exit(f"{name}: nothing to judge")
    print(f"{name}: {count} conversations with {len(kinds)} kinds of providers, {len(faults)} faults", flush=True)
    sys.exit(1 if len(faults) else 0)
