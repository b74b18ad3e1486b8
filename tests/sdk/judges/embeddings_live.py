"""OpenAI's SDK asks us for embeddings and for lists of models, of any provider."""

import functools
import math

import openai
from openai import OpenAI
from openai.types import CreateEmbeddingResponse, Model

from captured import check, equal
from live import base_url, case, run

TEXTS = ["a cat", "a cat and a dog", "Zürich 🦀"]
# Who has none: Anthropic, and the models of Bedrock's that are judged here.
WITHOUT = ("anthropic-", "bedrock-")
# Who has no list of models to give.
UNLISTED = ("bedrock-",)


@functools.cache
def client(kind):
    return OpenAI(base_url=f"{base_url(kind)}/v1", api_key="any", max_retries=0, timeout=30)


def vectors(kind, **more):
    """Judged by its bytes, as the SDK has it."""
    response = client(kind).embeddings.with_raw_response.create(model="any", input=TEXTS, **more)
    if "encoding_format" in more:
        CreateEmbeddingResponse.model_validate_json(response.http_response.text, strict=True)
    answer = response.parse()
    equal([item.index for item in answer.data], [0, 1, 2], "indices")
    equal(answer.usage.total_tokens, answer.usage.prompt_tokens, "usage")
    return [item.embedding for item in answer.data]


@case
def embeddings(kind):
    if kind.startswith(WITHOUT):
        try:
            vectors(kind)
        except openai.BadRequestError as error:
            check(error.body["message"], "no message")
            return
        raise AssertionError("embeddings of somebody who has none")
    # The SDK asks for base64 by default, and decodes it.
    decoded, plain = vectors(kind), vectors(kind, encoding_format="float")
    for one, other in zip(decoded, plain):
        check(len(one) == len(other) > 1, "lengths", len(one), len(other))
        check(all(math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-6) for a, b in zip(one, other)), "values differ")


@case
def models(kind):
    page = client(kind).models.with_raw_response.list() if not kind.startswith(UNLISTED) else None
    if page is None:
        try:
            client(kind).models.list()
        except openai.APIStatusError as error:
            check(400 <= error.status_code < 500, "status", error.status_code)
            return
        raise AssertionError("a list of somebody who has none")
    listed = list(page.parse())
    check(listed, "no models")
    for model in listed:
        Model.model_validate_json(model.to_json(), strict=True)
        check(model.id and model.object == "model", "model", model)


if __name__ == "__main__":
    run(f"openai {openai.__version__} at /v1/embeddings and /v1/models")
