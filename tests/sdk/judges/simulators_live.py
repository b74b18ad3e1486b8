"""The official SDKs talk to the simulators, which stand for the providers wherever answers are judged.

Both ends are written in this repository: a mistake that both make would be seen by nobody else.
"""

import json
import sys

import botocore.session
import cohere
import ollama
from anthropic import Anthropic
from botocore.config import Config
from google import genai
from google.genai import types
from openai import AzureOpenAI, OpenAI

from captured import Faults, check, equal
from live import simulators

TEXT = 'one two three, Grüße, 世界 🦀 and "the" end'
CITY = {"city": "Zürich"}
CALL = f"sim:tool get_weather {json.dumps(CITY, ensure_ascii=False)}"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "get_weather", "description": "The weather", "parameters": SCHEMA}
TOOL = {"type": "function", "function": FUNCTION}


class Said:
    """What an SDK has understood: text, and calls of tools."""

    def __init__(self, text="", calls=()):
        self.text, self.calls = text, [(name, arguments) for name, arguments in calls]


def of_openai(client, model):
    def ask(prompt, stream):
        call = {"model": model, "messages": [{"role": "user", "content": prompt}], "tools": [TOOL]}
        if not stream:
            message = client.chat.completions.create(**call).choices[0].message
        else:
            with client.chat.completions.stream(**call) as events:
                message = events.get_final_completion().choices[0].message
        calls = [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
        return Said(message.content or "", calls)

    return ask


def of_anthropic(client, model):
    tool = {"name": "get_weather", "input_schema": SCHEMA}

    def ask(prompt, stream):
        call = {"model": model, "max_tokens": 999, "messages": [{"role": "user", "content": prompt}], "tools": [tool]}
        if stream:
            with client.messages.stream(**call) as events:
                message = events.get_final_message()
        else:
            message = client.messages.create(**call)
        text = "".join(block.text for block in message.content if block.type == "text")
        return Said(text, [(block.name, block.input) for block in message.content if block.type == "tool_use"])

    return ask


def of_google(client, model):
    declared = {"name": "get_weather", "parameters_json_schema": SCHEMA}
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])

    def ask(prompt, stream):
        call = {"model": model, "contents": prompt, "config": config}
        answers = client.models.generate_content_stream(**call) if stream else [client.models.generate_content(**call)]
        parts = [part for answer in answers for part in (answer.candidates[0].content.parts or [])]
        text = "".join(part.text for part in parts if part.text and not part.thought)
        return Said(text, [(part.function_call.name, part.function_call.args) for part in parts if part.function_call])

    return ask


def of_cohere(client, model):
    def ask(prompt, stream):
        call = {
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
            "tools": [TOOL],
            "thinking": {"type": "disabled"},
        }
        if not stream:
            message = client.chat(**call).message
            calls = [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
            return Said("".join(part.text for part in message.content or []), calls)
        text, names, arguments = "", [], []
        for event in client.chat_stream(**call):
            if event.type == "content-delta":
                text += event.delta.message.content.text
            elif event.type == "tool-call-start":
                names.append(event.delta.message.tool_calls.function.name)
                arguments.append("")
            elif event.type == "tool-call-delta":
                arguments[-1] += event.delta.message.tool_calls.function.arguments
        return Said(text, zip(names, map(json.loads, arguments)))

    return ask


def of_ollama(client, model):
    def ask(prompt, stream):
        answers = client.chat(model=model, messages=[{"role": "user", "content": prompt}], tools=[TOOL], stream=stream)
        messages = [answer.message for answer in (answers if stream else [answers])]
        calls = [call.function for message in messages for call in message.tool_calls or []]
        return Said(
            "".join(message.content or "" for message in messages),
            [(call.name, dict(call.arguments)) for call in calls],
        )

    return ask


def aws(url):
    """A client that signs with AWS's example key of its documentation."""
    return botocore.session.Session().create_client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        config=Config(retries={"max_attempts": 0}),
    )


def of_bedrock(client, model):
    tool = {"toolSpec": {"name": "get_weather", "inputSchema": {"json": SCHEMA}}}

    def ask(prompt, stream):
        messages = [{"role": "user", "content": [{"text": prompt}]}]
        call = {"modelId": model, "messages": messages, "toolConfig": {"tools": [tool]}}
        if not stream:
            blocks = client.converse(**call)["output"]["message"]["content"]
            used = [block["toolUse"] for block in blocks if "toolUse" in block]
            return Said(
                "".join(block.get("text", "") for block in blocks), [(use["name"], use["input"]) for use in used]
            )
        text, names, arguments, ended = "", [], [], False
        # botocore checks the sums of each frame.
        for event in client.converse_stream(**call)["stream"]:
            if "contentBlockStart" in event and "toolUse" in event["contentBlockStart"]["start"]:
                names.append(event["contentBlockStart"]["start"]["toolUse"]["name"])
                arguments.append("")
            delta = event.get("contentBlockDelta", {}).get("delta", {})
            text += delta.get("text", "")
            if "toolUse" in delta:
                arguments[-1] += delta["toolUse"]["input"]
            ended = "metadata" in event
        check(ended, "the stream does not end in its metadata")
        return Said(text, zip(names, map(json.loads, arguments)))

    return ask


def asks(kind, model, url):
    """How a simulator is asked by the SDK of the provider that it stands for."""
    if kind == "openai":
        return of_openai(OpenAI(base_url=url, api_key="made-up", max_retries=0), model)
    if kind == "azure-dated":
        return of_openai(
            AzureOpenAI(azure_endpoint=url, api_key="made-up", api_version="2024-10-21", max_retries=0), model
        )
    if kind.startswith("anthropic"):
        return of_anthropic(Anthropic(base_url=url, api_key="made-up", max_retries=0), model)
    if kind.startswith("gemini"):
        return of_google(
            genai.Client(api_key="made-up", vertexai=False, http_options=types.HttpOptions(base_url=url)), model
        )
    if kind.startswith("bedrock"):
        return of_bedrock(aws(url), model)
    if kind.startswith("cohere"):
        return of_cohere(cohere.ClientV2(api_key="made-up", base_url=url), model)
    if kind == "ollama":
        return of_ollama(ollama.Client(host=url), model)
    return None


def main():
    faults, count = Faults(), 0
    for kind, (model, url) in simulators().items():
        ask = asks(kind, model, url)
        for stream in (False, True) if ask else ():
            for case, prompt, text, calls in (
                ("text", f"sim:say {TEXT}", TEXT, []),
                ("call", CALL, "", [("get_weather", CITY)]),
            ):
                count += 1
                try:
                    said = ask(prompt, stream)
                    equal(said.calls, calls, "calls")
                    equal(said.text, text, "text")
                except Exception as error:
                    faults.add({"kind": kind, "case": case, "stream": stream}, error)
    faults.show()
    print(f"simulators, by their providers' SDKs: {count} conversations, {len(faults)} faults")
    sys.exit(1 if len(faults) or not count else 0)


if __name__ == "__main__":
    main()
