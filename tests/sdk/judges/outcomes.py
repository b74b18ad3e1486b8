"""Nothing is refused, accepted or left out unawares: what comes of each request is what `expected-*.json` say.

`python outcomes.py CAPTURED --write` renews them; what has changed is then to be read, line by line.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

from captured import MUTE, Faults, end, exchanges

FOLDER = Path(__file__).parents[1]


def refusal(exchange):
    if exchange["status"] == 200 or exchange["kind"] in MUTE and exchange["sent"]:
        return None
    error = json.loads(exchange["answer"])["error"]
    who = "the provider says" if exchange["sent"] else "we say"
    return f"{who} {exchange['status']}: {error['param']} ({error['code']})"


def warning(exchange):
    return exchange["headers"].get("x-llm-warning")


def outcomes(read):
    """For each request what happens, and at which kinds of providers."""
    both = defaultdict(dict)
    for exchange in exchanges():
        both[exchange["kind"], exchange["case"]][exchange["stream"]] = read(exchange)
    found = defaultdict(lambda: defaultdict(list))
    for (kind, case), said in both.items():
        if said[False] == said[True]:
            names = {said[False]: kind}
        else:
            names = {f"plain, {said[False]}": kind, f"streamed, {said[True]}": kind}
        for what in names:
            if what and not what.endswith(", None"):
                found[case][what].append(kind)
    kinds = {kind for kind, _ in both}
    return {
        case: {what: listed(names, kinds) for what, names in sorted(all.items())} for case, all in sorted(found.items())
    }


def listed(names, kinds):
    """The names of kinds; of more than half, those that are not among them."""
    others = sorted(kinds - set(names))
    if len(others) > len(kinds) // 2:
        return ", ".join(sorted(names))
    return f"all but {', '.join(others)}" if others else "all"


def main():
    faults, count = Faults(), 0
    for name, read in (("refusals", refusal), ("warnings", warning)):
        file = FOLDER / f"expected-{name}.json"
        seen = outcomes(read)
        count += sum(map(len, seen.values()))
        if "--write" in sys.argv:
            file.write_text(json.dumps(seen, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        wanted = json.loads(file.read_text(encoding="utf-8"))
        for case in sorted({*wanted, *seen}):
            if wanted.get(case) != seen.get(case):
                place = {"kind": name, "case": case, "stream": False}
                faults.add(place, f"wanted {wanted.get(case, 'none')}\nsaw {seen.get(case, 'none')}")
    end("outcomes", f"{count} refusals and warnings compared", count, faults)


if __name__ == "__main__":
    main()
