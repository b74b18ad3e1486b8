"""Conversations of SDKs with `sdk-capture serve`: `python JUDGE.py BASE`.

A case is a function that is called with each kind of provider; what it raises is a fault.
"""

import sys
import urllib.request

from captured import MUTE, Faults

CASES = []
# Whose models cannot be made to call a tool, and are only told to.
UNFORCED = ("ollama", "bedrock-gpt-oss", "bedrock-llama")


def case(function):
    CASES.append(function)
    return function


def base_url(kind):
    return f"{sys.argv[1]}/{kind}"


def simulators():
    """The model of each kind, and the simulator that stands for the provider, by what its SDK takes as the base URL."""
    with urllib.request.urlopen(f"{sys.argv[1]}/kinds", timeout=10) as answer:
        lines = [line.split(" ") for line in answer.read().decode().splitlines()]
    return {kind: (model, url) for kind, model, url in lines}


def run(name, leave_out=()):
    """Runs all cases with all kinds, but for those in `leave_out`: how a kind's name begins, and names of cases."""
    faults, count = Faults(), 0
    kinds = [kind for kind in simulators() if kind not in MUTE]
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
