"""Prints `src/detectors/phone/plan.rs`: which numbers the numbering plans of the world assign.

For each country calling code: runs of leading digits of the national number (two of them, three in North America),
and the lengths that a number which begins so may have, as a set of bits. Numbers of every region with that code, fixed, mobile,
voice over IP, personal, toll free, shared cost and company-wide; no premium rate, emergency or short numbers.

Taken 2026-11 from the metadata of libphonenumber (Apache-2.0) in the PyPI package `phonenumbers` 9.0.43:

    pip install phonenumbers==9.0.43 && python3 data/phone.py > src/detectors/phone/plan.rs
"""

import re._parser as parser
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

KINDS = ("fixed_line", "mobile", "voip", "personal_number", "toll_free", "shared_cost", "uan")
LONGEST = 15


def automaton(pattern):
    """A pattern of the metadata as a nondeterministic automaton: for each state its steps (digits or None, next)."""
    steps = [[]]

    def new():
        steps.append([])
        return len(steps) - 1

    def build(nodes, at):
        for op, arg in nodes:
            name = str(op)
            if name == "LITERAL":
                after = new()
                steps[at].append(({chr(arg)}, after))
                at = after
            elif name == "IN":
                digits = set()
                for kind, value in arg:
                    kind = str(kind)
                    if kind == "LITERAL":
                        digits.add(chr(value))
                    elif kind == "RANGE":
                        digits |= {chr(c) for c in range(value[0], value[1] + 1)}
                    elif kind == "CATEGORY":
                        digits |= set("0123456789")
                    else:
                        raise ValueError(kind)
                after = new()
                steps[at].append((digits, after))
                at = after
            elif name == "BRANCH":
                after = new()
                for branch in arg[1]:
                    begin = new()
                    steps[at].append((None, begin))
                    steps[build(branch, begin)].append((None, after))
                at = after
            elif name == "SUBPATTERN":
                at = build(arg[3], at)
            elif name == "MAX_REPEAT":
                least, most, inner = arg
                for _ in range(least):
                    at = build(inner, at)
                if most > LONGEST:
                    most = LONGEST
                ends = [at]
                for _ in range(most - least):
                    at = build(inner, at)
                    ends.append(at)
                after = new()
                for end in ends:
                    steps[end].append((None, after))
                at = after
            else:
                raise ValueError(name)
        return at

    return steps, build(parser.parse(pattern), 0)


def lengths(patterns, depth):
    """For each run of `depth` leading digits the set of lengths, as bits."""
    found = [0] * 10**depth
    for pattern in patterns:
        steps, accept = automaton(pattern)

        def closure(states):
            states, todo = set(states), list(states)
            while todo:
                for digits, after in steps[todo.pop()]:
                    if digits is None and after not in states:
                        states.add(after)
                        todo.append(after)
            return frozenset(states)

        @lru_cache(None)
        def step(states, digit):
            return closure({t for s in states for d, t in steps[s] if d is not None and digit in d})

        @lru_cache(None)
        def rest(states, left):
            bits = 1 if accept in states else 0
            if left:
                for digit in "0123456789":
                    after = step(states, digit)
                    if after:
                        bits |= rest(after, left - 1) << 1
            return bits

        begin = closure({0})
        for prefix in range(10**depth):
            states = begin
            for digit in f"{prefix:0{depth}}":
                states = step(states, digit)
            if states:
                found[prefix] |= rest(states, LONGEST - depth) << depth
    return found


def main():
    print("//! Made by `data/phone.py` from libphonenumber's metadata, `phonenumbers` " + phonenumbers.__version__ + ", 2026-11.\n")
    print("/// A calling code, and for its runs of leading digits the lengths of national numbers, a bit each.")
    print("pub(super) type Plan = (u16, &'static [(u16, u16, u16)]);\n")
    print("/// By calling code.\n#[rustfmt::skip]\npub(super) const PLANS: &[Plan] = &[")
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        patterns = set()
        for region in regions:
            metadata = (
                PhoneMetadata.metadata_for_nongeo_region(code)
                if region == "001"
                else PhoneMetadata.metadata_for_region(region)
            )
            for kind in KINDS:
                description = getattr(metadata, kind)
                if description is not None and description.national_number_pattern:
                    patterns.add(description.national_number_pattern)
        runs = []
        for prefix, bits in enumerate(lengths(sorted(patterns), 3 if code == 1 else 2)):
            if bits and runs and runs[-1][1] == prefix - 1 and runs[-1][2] == bits:
                runs[-1][1] = prefix
            elif bits:
                runs.append([prefix, prefix, bits])
        if runs:
            print(f"    ({code}, &[" + ", ".join(f"({a}, {b}, {c:#x})" for a, b, c in runs) + "]),")
    print("];")


main()
