"""OpenAI's Python SDK behind redaction: what was taken out is put back, in text and in tool calls, whole and streamed."""

import json

import openai
from openai import OpenAI

import settings
from harness import case, check, equal, main, raised

EMAIL = "anna.schmidt@posteo.de"
IBAN = "DE89 3704 0044 0532 0130 00"
CARD = "4111 1111 1111 1111"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "send",
            "parameters": {"type": "object", "properties": {"to": {"type": "string"}, "note": {"type": "string"}}},
        },
    }
]


def ask(prompt, **more):
    client = OpenAI(base_url=settings.BASE_URL, api_key=settings.API_KEY, max_retries=0, timeout=60)
    messages = [{"role": "user", "content": prompt}]
    return client.chat.completions.with_raw_response.create(model=settings.MODEL, messages=messages, **more)


@case
def plain():
    said = f"Mail {EMAIL}, or pay to {IBAN}."
    raw = ask(f"sim:say {said}")
    equal(raw.parse().choices[0].message.content, said, "content")
    equal(raw.headers["x-llm-redacted"], "email=1,iban=1", "header")


@case
def stream():
    said = f"Mail {EMAIL}, or pay to {IBAN}; {EMAIL} again."
    with ask(f"sim:say {said}", stream=True).parse() as chunks:
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    equal(text, said, "content")


@case
def tools():
    arguments = {"to": EMAIL, "note": f'"{IBAN}"'}
    answer = ask(f"sim:tool send {json.dumps(arguments)}", tools=TOOLS).parse()
    equal(json.loads(answer.choices[0].message.tool_calls[0].function.arguments), arguments, "arguments")


@case
def tools_stream():
    arguments = {"to": EMAIL, "note": f'"{IBAN}"'}
    parts = []
    with ask(f"sim:tool send {json.dumps(arguments)}", tools=TOOLS, stream=True).parse() as chunks:
        for chunk in chunks:
            for call in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
                parts.append(call.function.arguments or "")
    equal(json.loads("".join(parts)), arguments, "arguments")


@case
def blocked():
    error = raised(openai.BadRequestError, lambda: ask(f"sim:say {CARD}"))
    equal(error.code, "personal_data_blocked", "code")
    check("4111" not in str(error.response.text), error.response.text)


if __name__ == "__main__":
    main()
