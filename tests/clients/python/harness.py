"""Runs cases by name: one JSON line each, exit code 1 when one has failed."""

import asyncio
import inspect
import json
import sys
import time
import traceback

CASES = {}


def case(function):
    """Registers a case under its function's name; what it returns is printed."""
    CASES[function.__name__] = function
    return function


def check(condition, *seen):
    """An assertion that says what was seen, and that `python -O` does not remove."""
    if not condition:
        raise AssertionError(" ".join(map(str, seen)) or "check failed")


def equal(seen, wanted, what):
    check(seen == wanted, f"{what}: wanted {wanted!r}, saw {seen!r}")


def raised(kind, call):
    """The error of class `kind` that `call` raises; anything else is a failure."""
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"wanted {kind.__name__}, got an answer: {answer!r}")


def run_one(name):
    start = time.monotonic()
    line = {"case": name, "ok": True}
    try:
        result = CASES[name]()
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        line["saw"] = result
    except Exception as error:  # every failure of a case is reported, none ends the others
        line["ok"] = False
        line["error"] = f"{type(error).__name__}: {error}"
        traceback.print_exc(limit=-3, chain=False)
    line["seconds"] = round(time.monotonic() - start, 3)
    print(json.dumps(line, ensure_ascii=False, default=str), flush=True)
    return line["ok"]


def main():
    names = sys.argv[1:]
    if names == ["all"]:
        names = list(CASES)
    unknown = [name for name in names if name not in CASES]
    if not names or unknown:
        sys.exit(f"usage: {sys.argv[0]} CASE... | all\nunknown: {unknown}\ncases: {' '.join(CASES)}")
    failed = [name for name in names if not run_one(name)]
    if failed:
        sys.exit(f"failed: {' '.join(failed)}")
