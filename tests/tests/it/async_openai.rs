//! The Rust client `async-openai` through the proxy.

use async_openai::{
    Client,
    config::OpenAIConfig,
    error::OpenAIError,
    types::{
        chat::{
            ChatCompletionMessageToolCalls, ChatCompletionRequestUserMessage, ChatCompletionTool, ChatCompletionTools,
            CreateChatCompletionRequest, CreateChatCompletionRequestArgs, FinishReason, FunctionObjectArgs,
        },
        embeddings::CreateEmbeddingRequestArgs,
    },
};
use futures_util::{StreamExt, future::join_all};
use llm_layers_tests::{KEY, Stage};

fn client(stage: &Stage, key: &str) -> Client<OpenAIConfig> {
    Client::with_config(OpenAIConfig::new().with_api_base(stage.base_url()).with_api_key(key))
}

fn ask(model: &str, prompt: &str) -> CreateChatCompletionRequest {
    let message = ChatCompletionRequestUserMessage::from(prompt);
    CreateChatCompletionRequestArgs::default().model(model).messages([message.into()]).build().unwrap()
}

async fn streamed(client: &Client<OpenAIConfig>, request: CreateChatCompletionRequest) -> Result<String, OpenAIError> {
    let mut stream = client.chat().create_stream(request).await?;
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        for choice in chunk?.choices {
            text += choice.delta.content.as_deref().unwrap_or_default();
        }
    }
    Ok(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_and_streamed_answers_say_the_same() {
    let stage = Stage::start().await;
    let client = client(&stage, KEY);
    for model in ["small", "claude", "openai/any"] {
        let answer = client.chat().create(ask(model, "sim:say Grüß Gott, \"you\"!")).await.unwrap();
        assert_eq!(answer.choices[0].message.content.as_deref(), Some("Grüß Gott, \"you\"!"));
        assert_eq!(answer.choices[0].finish_reason, Some(FinishReason::Stop));
        let text = streamed(&client, ask(model, "sim:say Grüß Gott, \"you\"!")).await.unwrap();
        assert_eq!(text, "Grüß Gott, \"you\"!", "{model}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_are_called() {
    let stage = Stage::start().await;
    let function = FunctionObjectArgs::default()
        .name("weather")
        .parameters(
            serde_json::json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}),
        )
        .build()
        .unwrap();
    for model in ["small", "claude"] {
        let mut request = ask(model, r#"sim:tool weather {"city":"Rome","days":1.5}"#);
        request.tools = Some(vec![ChatCompletionTools::Function(ChatCompletionTool { function: function.clone() })]);
        let answer = client(&stage, KEY).chat().create(request).await.unwrap();
        let choice = &answer.choices[0];
        assert_eq!(choice.finish_reason, Some(FinishReason::ToolCalls));
        let Some([ChatCompletionMessageToolCalls::Function(call)]) = choice.message.tool_calls.as_deref() else {
            panic!("{model}: {:?}", choice.message.tool_calls);
        };
        assert_eq!(call.function.name, "weather");
        assert_eq!(call.function.arguments, r#"{"city":"Rome","days":1.5}"#, "{model}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_streams_at_once_keep_apart() {
    let stage = Stage::start().await;
    let client = client(&stage, KEY);
    let streams = (0..64).map(|n| {
        let model = if n % 2 == 0 { "small" } else { "claude" };
        streamed(&client, ask(model, &format!("sim:say this is number {n} and no other")))
    });
    for (n, text) in join_all(streams).await.into_iter().enumerate() {
        assert_eq!(text.unwrap(), format!("this is number {n} and no other"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn embeddings_and_models() {
    let stage = Stage::start().await;
    let client = client(&stage, KEY);
    let request = CreateEmbeddingRequestArgs::default().model("small").input(["one", "two"]).build().unwrap();
    let answer = client.embeddings().create(request).await.unwrap();
    assert_eq!(answer.data.len(), 2);
    assert_ne!(answer.data[0].embedding, answer.data[1].embedding);
    let models = client.models().list().await.unwrap();
    assert_eq!(models.data.iter().map(|model| &*model.id).collect::<Vec<_>>(), ["small", "claude"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_read_as_openais() {
    let stage = Stage::start().await;
    let code = |result: Result<_, OpenAIError>| match result {
        Err(OpenAIError::ApiError(error)) => error.api_error.code.unwrap_or_default(),
        other => panic!("{:?}", other.map(|_: async_openai::types::chat::CreateChatCompletionResponse| ())),
    };
    assert_eq!(code(client(&stage, "sk-wrong").chat().create(ask("small", "hi")).await), "invalid_api_key");
    assert_eq!(code(client(&stage, KEY).chat().create(ask("nobody", "hi")).await), "model_not_found");
}
