"""Reads what `sdk-capture requests` wrote, and lets a judge loose on it.

A judge is a script of its own: `python JUDGE.py CAPTURED`. It says on one line what it has judged, and ends with 1
when it has found a fault, when it has had nothing to judge, or when it has let something pass that was broken on
purpose: a judge that cannot say no is none.
"""

import copy
import json
import sys


# Simulated Vertex AI has no Claude: what is sent there is judged, and nobody answers.
MUTE = {"vertex-claude"}


class Sent:
    """One request as it reached the provider, and the exchange that it belongs to."""

    def __init__(self, exchange, raw):
        self.exchange = exchange
        self.kind = exchange["kind"]
        self.model = exchange["model"]
        self.stream = exchange["stream"]
        self.method = raw["method"]
        self.path = raw["path"]
        self.headers = raw["headers"]
        self.raw_body = raw["body"]
        self.body = json.loads(raw["body"], object_pairs_hook=once)
        self.is_spoilt = False

    def spoilt(self, body):
        other = copy.copy(self)
        other.body, other.is_spoilt = body, True
        return other


def once(pairs):
    """An object whose members all have different names; JSON itself does not mind, providers do."""
    value = dict(pairs)
    check(len(value) == len(pairs), "a member twice:", [name for name, _ in pairs])
    return value


def check(condition, *seen):
    if not condition:
        raise AssertionError(" ".join(map(str, seen)))


def equal(seen, wanted, what):
    check(seen == wanted, f"{what}: wanted {short(wanted)}, saw {short(seen)}")


def same(seen, wanted, what):
    """As `equal`, for large values: says where they differ."""
    found = list(differences(seen, wanted, ""))
    check(not found, f"{what}:", "; ".join(found[:5]))


def differences(seen, wanted, place):
    if isinstance(seen, dict) and isinstance(wanted, dict):
        for name in {**wanted, **seen}:
            inner = f"{place}.{name}"
            if name not in seen or name not in wanted:
                fault = "missing" if name in wanted else "too much"
                yield f"{inner} is {fault}: {short(wanted.get(name, seen.get(name)), 100)}"
            else:
                yield from differences(seen[name], wanted[name], inner)
    elif isinstance(seen, list) and isinstance(wanted, list) and len(seen) == len(wanted):
        for at, (one, other) in enumerate(zip(seen, wanted)):
            yield from differences(one, other, f"{place}[{at}]")
    elif seen != wanted or isinstance(seen, bool) != isinstance(wanted, bool):
        yield f"{place} is {short(seen, 100)} and not {short(wanted, 100)}"


def brief(error):
    """What a type says, without those of its alternatives that are meant for another role."""
    if not hasattr(error, "errors"):
        return str(error)
    found = [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors()]
    strangers = [place.removesuffix(".role") + "." for place, _ in found if place.endswith(".role")]
    own = [(place, message) for place, message in found if not any(place.startswith(other) for other in strangers)]
    return "; ".join(f"{place}: {message}" for place, message in own or found)


def short(value, limit=400):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def exchanges(kinds=None):
    """All exchanges of these kinds; a name that ends in a dash stands for all that begin with it."""
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            exchange = json.loads(line)
            if kinds is None or any(belongs(exchange["kind"], kind) for kind in kinds):
                yield exchange


def belongs(name, kind):
    return name.startswith(kind) if kind.endswith("-") else name == kind


def where(exchange):
    return f"{exchange['kind']} {exchange['case']}{' streamed' if exchange['stream'] else ''}"


class Faults:
    """What was found, the same thing once."""

    def __init__(self):
        self.found = {}

    def add(self, exchange, error, seen=None):
        text = f"{type(error).__name__}: {brief(error)}" if isinstance(error, Exception) else str(error)
        self.found.setdefault(text, []).append((exchange, seen))

    def __len__(self):
        return sum(map(len, self.found.values()))

    def show(self):
        for text, places in self.found.items():
            exchange, seen = places[0]
            names = sorted({where(exchange) for exchange, _ in places})
            print(
                f"\n  {', '.join(names[:6])}{f' and {len(names) - 6} more' if len(names) > 6 else ''}", file=sys.stderr
            )
            print("    " + short(text, 3000).replace("\n", "\n    "), file=sys.stderr)
            if seen is not None:
                print(f"    in: {short(seen, 700)}", file=sys.stderr)


def judge_requests(name, kinds, accept, spoils):
    """Has every request of these kinds accepted by `accept`, which raises at what is wrong.

    `spoils` are functions that break a body and give it back, or None where there is nothing of that sort to break.
    """
    faults, judged = Faults(), 0
    untried = dict(spoils)
    for exchange in exchanges(kinds):
        for raw in exchange["sent"]:
            judged += 1
            try:
                sent = Sent(exchange, raw)
                accept(sent)
            except Exception as error:
                faults.add(exchange, error, raw["body"])
                continue
            for what, spoil in list(untried.items()):
                broken = spoil(copy.deepcopy(sent.body))
                if broken is not None:
                    del untried[what]
                    if is_accepted(accept, sent.spoilt(broken)):
                        faults.add(exchange, f"the judge itself does not see this: {what}", broken)
    if judged:
        for what in untried:
            faults.add({"kind": name, "case": "-", "stream": False}, f"nothing to break: {what}")
    end(name, f"{judged} requests judged, {len(spoils) - len(untried)} broken ones refused", judged, faults)


def is_accepted(accept, sent):
    try:
        accept(sent)
    except Exception:
        return False
    return True


def end(name, counts, judged, faults):
    faults.show()
    if not judged:
        sys.exit(f"{name}: nothing to judge")
    print(f"{name}: {counts}, {len(faults)} faults", flush=True)
    sys.exit(1 if len(faults) else 0)
