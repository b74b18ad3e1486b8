"""Whether OpenAI's types take a request, as its client sends it."""

from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)

from typed import adapter

PACKAGES = ("openai.types.shared_params", "openai.types.chat")
PLAIN = adapter(CompletionCreateParamsNonStreaming, *PACKAGES)
STREAMED = adapter(CompletionCreateParamsStreaming, *PACKAGES)


def validate(body, stream):
    (STREAMED if stream else PLAIN).validate_python(body, strict=True)


def is_sound(exchange):
    try:
        validate(exchange["asked"], exchange["stream"])
    except Exception:
        return False
    return True
