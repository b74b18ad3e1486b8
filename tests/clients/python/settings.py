"""What the cases take from outside, in one place: environment variables and their defaults."""

import os

BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8080/v1")
API_KEY = os.environ.get("API_KEY", "sk-test")
BAD_API_KEY = os.environ.get("BAD_API_KEY", "sk-wrong")

MODEL = os.environ.get("MODEL", "small")
EMBEDDING_MODEL = os.environ.get("EMBEDDING_MODEL", MODEL)
MISSING_MODEL = os.environ.get("MISSING_MODEL", "no-such-model")

# Content of a request that is past the proxy's limit (16 MiB by default).
TOO_LARGE_BYTES = int(os.environ.get("TOO_LARGE_BYTES", str(17 * 1024 * 1024)))
# Words of the answer that nobody waits for: at 5 ms each it outlasts any hang-up.
HANGUP_WORDS = int(os.environ.get("HANGUP_WORDS", "5000"))
# Choices to ask for at once where a case asks for several; 1 for a provider that gives one only.
CHOICES = int(os.environ.get("CHOICES", "2"))
# What a second choice ends with in the simulator's answers; or nothing, where each choice may be a call of its own.
CHOICE_MARKS = [" [1]", ""] if os.environ.get("CHOICES_ALIKE") else [" [1]"]
# What ids of Anthropic's calls begin with; other providers have their own.
CALL_ID = os.environ.get("CALL_ID", "toolu_")
# Whether the provider says what an embedding took.
EMBEDDING_USAGE = os.environ.get("EMBEDDING_USAGE", "1") == "1"
# A top-level member that no OpenAI schema knows and the simulator's answers carry.
UNKNOWN_MEMBER = os.environ.get("UNKNOWN_MEMBER", "x_sim")

FAULT_HEADER = os.environ.get("FAULT_HEADER", "x-sim-fault")


def fault(kind: str, spec: str) -> dict:
    """Arguments of a call that meets the fault `kind`.

    By a model name where FAULT_MODEL_<kind> gives one, else by the header whose value is FAULT_<kind>
    (default: `spec`); an empty one sends nothing, for a simulator that the caller has armed itself.
    """
    model = os.environ.get(f"FAULT_MODEL_{kind}")
    if model:
        return {"model": model}
    spec = os.environ.get(f"FAULT_{kind}", spec)
    return {"model": MODEL, "extra_headers": {FAULT_HEADER: spec}} if spec else {"model": MODEL}
