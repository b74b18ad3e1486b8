"""botocore judges what we send to Bedrock's Converse: members, lengths, enumerations, patterns, path, signature.

botocore itself looks at no maximum, no enumeration and no pattern; what its service model says of those is checked
here. It then writes the same call itself, which must come out the same.
"""

import base64
import binascii
import datetime
import json
import re
from urllib.parse import urlsplit

import botocore
import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from captured import check, equal, judge_requests, same

MODEL = botocore.session.Session().get_service_model("bedrock-runtime")
# AWS's example key of its documentation, which `sdk-capture` signs with.
KEY = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TIME = "%Y%m%dT%H%M%SZ"


def accept(sent):
    signed(sent)
    if sent.kind == "bedrock-invoke":
        # The body is Claude's own, and Anthropic's SDK judges it.
        return
    operation = MODEL.operation_model("ConverseStream" if sent.stream else "Converse")
    arguments = {**bytes_of(operation.input_shape, sent.body, "body"), "modelId": sent.model}
    report = ParamValidator().validate(arguments, operation.input_shape)
    check(not report.has_errors(), report.generate_report())
    strict(operation.input_shape, arguments, "")

    written = create_serializer(MODEL.metadata["protocol"]).serialize_to_request(arguments, operation)
    same(sent.body, json.loads(written["body"]), "botocore would send something else")
    equal(sent.path, written["url_path"], "path")
    equal(sent.headers["content-type"], written["headers"]["Content-Type"], "content-type")
    turns(sent.body["messages"])


def bytes_of(shape, value, place):
    """The value with bytes in place of their base64, as botocore wants to be called."""
    if shape is None or getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {name: bytes_of(members.get(name), item, f"{place}.{name}") for name, item in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [bytes_of(shape.member, item, f"{place}[{at}]") for at, item in enumerate(value)]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: bytes_of(shape.value, item, f"{place}.{name}") for name, item in value.items()}
    if shape.type_name == "blob":
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError) as error:
            raise AssertionError(f"{place} is no base64: {error}") from None
    return value


def strict(shape, value, place):
    """What botocore does not look at."""
    if getattr(shape, "is_document_type", False):
        return
    limits = shape.metadata
    kind = shape.type_name
    if kind == "structure":
        check(value is not None, place, "is null")
        for name, item in value.items():
            strict(shape.members[name], item, f"{place}.{name}")
    elif kind == "list":
        check(len(value) <= limits.get("max", len(value)), place, "is too long")
        for at, item in enumerate(value):
            strict(shape.member, item, f"{place}[{at}]")
    elif kind == "map":
        check(len(value) <= limits.get("max", len(value)), place, "has too many members")
        for name, item in value.items():
            strict(shape.key, name, f"{place} (a name)")
            strict(shape.value, item, f"{place}.{name}")
    elif kind in ("string", "blob"):
        check(len(value) <= limits.get("max", len(value)), place, "is too long")
        check(len(value) >= limits.get("min", 0), place, "is too short")
        check(value in (limits.get("enum") or [value]), place, "is none of", limits.get("enum"))
        check(
            "pattern" not in limits or matches(limits["pattern"], value),
            place,
            "does not match",
            limits.get("pattern"),
            repr(value),
        )
    elif kind in ("integer", "long", "float", "double"):
        check(not isinstance(value, bool), place, "is no number")
        check(limits.get("min", value) <= value <= limits.get("max", value), place, "is out of range:", value)


def matches(pattern, value):
    # Python has no names for Unicode's categories.
    pattern = pattern.replace(r"\p{L}", "a-zA-Z\u00c0-\uffff").replace(r"\p{N}", "0-9")
    return re.fullmatch(pattern, value) is not None


def signed(sent):
    """The signature is the one that botocore makes of the same bytes at the same time."""
    wanted = sent.headers["authorization"]
    names = re.search(r"SignedHeaders=([^,]+)", wanted)[1].split(";")
    ours = {name: sent.headers[name] for name in names if not name.startswith("x-amz-")}
    url = f"http://{sent.headers['host']}{sent.path}"
    request = AWSRequest(sent.method, url, headers=ours, data=sent.raw_body.encode())
    auth = botocore.auth.SigV4Auth(KEY, "bedrock", "us-east-1")
    request.context["timestamp"] = sent.headers["x-amz-date"]
    request.headers["X-Amz-Date"] = sent.headers["x-amz-date"]
    # What `add_auth` does, but for the time, which is ours.
    canonical = auth.canonical_request(request)
    check(urlsplit(url).query == "", "a query")
    check(
        abs(datetime.datetime.now(datetime.UTC) - time_of(sent)) < datetime.timedelta(days=1), "time of the signature"
    )
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    equal(re.search(r"Signature=(\w+)", wanted)[1], signature, "signature")
    check("host" in names and "content-type" in names, "what is signed:", names)


def time_of(sent):
    return datetime.datetime.strptime(sent.headers["x-amz-date"], TIME).replace(tzinfo=datetime.UTC)


def turns(messages):
    """What the model does not say, and Bedrock does: turns alternate, results answer the calls before them."""
    equal(messages[0]["role"], "user", "role of the first turn")
    calls, names = set(), []
    for before, message in zip([None, *messages], messages):
        check(before is None or before["role"] != message["role"], "two turns in a row:", message["role"])
        check(message["content"], "a turn of nothing")
        results = [block["toolResult"]["toolUseId"] for block in message["content"] if "toolResult" in block]
        equal(sorted(results), sorted(calls), "results of the calls before")
        calls = {block["toolUse"]["toolUseId"] for block in message["content"] if "toolUse" in block}
        names += [block["document"]["name"] for block in message["content"] if "document" in block]
        if any("document" in block for block in message["content"]):
            check(any("text" in block for block in message["content"]), "a document without a text")
        for block in message["content"]:
            check("text" not in block or block["text"].strip(), "a blank text")
    check(not calls, "calls without results")
    check(len(names) == len(set(names)), "names of documents repeat:", names)


def deep(path, change, only_if_there=True):
    def spoil(body):
        place = body
        for key in path[:-1]:
            place = place.get(key) if isinstance(place, dict) else place[key] if len(place) > key else None
            if place is None:
                return None
        if only_if_there and path[-1] not in place:
            return None
        place[path[-1]] = change
        return body

    return spoil


SPOILS = {
    "an unknown member": deep(["frequencyPenalty"], 1, False),
    "a role of OpenAI's": deep(["messages", 0, "role"], "tool"),
    "two kinds in one block": deep(["messages", 0, "content", 0, "cachePoint"], {"type": "default"}, False),
    "an empty text": deep(["messages", 0, "content", 0, "text"], ""),
    "a choice that Converse has not": deep(["toolConfig", "toolChoice"], {"none": {}}, False),
    "a name with a dot": deep(["toolConfig", "tools", 0, "toolSpec", "name"], "a.b"),
    "a temperature beyond one": deep(["inferenceConfig", "temperature"], 1.5),
    "a format of nobody's": deep(
        ["messages", 0, "content", 1, "image"], {"format": "bmp", "source": {"bytes": "AAAA"}}
    ),
    "an id with a slash": deep(["messages", 2, "content", 0, "toolResult", "toolUseId"], "a/b"),
    "no base64": deep(["messages", 0, "content", 1, "image"], {"format": "png", "source": {"bytes": "***"}}),
}

if __name__ == "__main__":
    judge_requests(f"botocore {botocore.__version__}", ["bedrock-"], accept, SPOILS)
