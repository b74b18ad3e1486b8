use super::parse;

/// Wherever a key may stand by mistake, no error shows it.
#[test]
fn no_error_holds_a_key() {
    for text in [
        // in its place, with something else wrong
        "[providers.p]\napi_key = \"sk-HUSH\"\n",
        "providers.p = { api_key = \"sk-HUSH\", dialekt = \"openai\" }\n",
        "[providers.openai]\napi_key = \"HUSH HUSH\"\n",
        "[providers.openai]\napi_key = \"\"\"HUSH\nHUSH=1\nHUSH\"\"\"\n",
        "[providers.openai]\napi_key = [\"sk-HUSH\", { key = \"sk-HUSH\" }]\n",
        "[providers.openai]\napi_key = [\n \"sk-HUSH\",\n { kee = \"HUSH\", weight = 0 } ]\n",
        "[providers.openai]\napi_key = { key = \"sk-HUSH\" }\n",
        "[keys.a]\nsecret = \"HUSH\"\n[keys.b]\nkey = \"HUSH\"\n",
        "keys = { a = { secret = \"HUSH\", rpm = 1 } }\n",
        "keys = [\"HUSH\"]\n",
        "keys = \"HUSH\"\n",
        // under a wrong name, or in a wrong place
        "[providers.openai]\napi_kye = \"sk-HUSH\"\n",
        "api_key = \"sk-HUSH\"\n",
        "[providers]\nopenai = \"sk-HUSH\"\n",
        "[providers.openai]\ntimeout = \"sk-HUSH\"\n",
        "[layers.cache]\nsecret = \"HUSH\"\n",
        "[layers]\ncache = \"HUSH\"\n",
        "[providers.openai]\napi_key = \"env:gsk_1aHUSHaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n",
        "[providers.openai]\napi_key = \"env:sk-HUSH\"\n",
        "[providers.openai]\napi_key = \"env:TWO_LINES\"\n",
        "[providers.openai]\nbase_url = \"http://me:HUSH@host/v1\"\n",
        "[providers.openai]\nbase_url = \"env:PASSWORD_URL\"\n",
        "[providers.openai]\nbase_url = \"host\" # key: sk-HUSH\n",
        // where settings of layers are
        "[layers.rate_limit]\nrpm = 5\nstore = \"http://:HUSH@h\"\n",
        "[layers.rate_limit]\nstore = 5\nrpm = \"sk-HUSH\"\n",
        "[layers.circuit_breaker]\nstroe = \"redis://:HUSH@h\"\n",
        "[layers.circuit_breaker]\nstroe = \"HUSH\"\n",
        "[layers.circuit_breaker]\nwindow = { stroe = \"HUSH\" }\n",
        "layers.circuit_breaker = { store = \"redis://:HUSH@h\", open_for = \"soon\" }\n",
        "layers.accounts = { stoer = \"HUSH\", unknown_cost = \"alow\" }\n",
        "[layers.accounts]\nledger = \"redis://:HUSH@h/\"\n",
        "[layers.accounts]\nbudget = \"sk-\\\"HUSH\"\n",
        "[layers.accounts]\nbudget = \"sk-\\n\\u00e9HUSH\"\n",
        "[layers.deadline]\ndefault = \"sk-HUSH\"\n",
        "[layers.pii_redaction]\nsecret = \"HUSH\"\n",
        "[layers.pii_redaction]\nkey = [\"HUSH\"]\nentities = { email = \"sk-HUSH\" }\n",
        "[layers.pii_redaction]\nkye = \"HUSH\"\n",
        "[layers.pii_redaction]\nllm = { url = \"http://h\", api_key = \"sk-HUSH\" }\n",
        "[layers.pii_redaction]\nllm = { url = \"http://a:HUSH@h\", model = \"m\" }\n",
        "[layers.pii_redaction]\nllm = { url = \"http://h\", model = \"m\", api_kye = \"HUSH\" }\n",
        "[keys.a]\nsecret = \"HUSH\"\nbudget = { usd = 1, per = \"sk-HUSH\" }\n",
        "keys.a = { secret = \"HUSH\", budget = { usd = 1, per = \"week\" } }\n",
        "[[deployments]]\nname = \"d\"\nprovider = \"p\"\ntier = \"sk-HUSH\"\n",
        "[[deployments]]\nname = \"d\"\nprovider = \"p\"\ncapabilities = [\"tools\", \"sk-HUSH\"]\n",
        "[[deployments]]\nname = \"d\"\nprovider = \"p\"\napi_secret = \"HUSH\"\n",
        "[[deployments]]\nname = \"d\"\nprovider = \"p\"\nprice = { input = \"sk-HUSH\" }\n",
        "[[aliases]]\nname = \"a\"\ndeployments = [\"d\"]\npolicy = \"sk-HUSH\"\n",
        "[[aliases]]\nname = \"a\"\ndeployments = [\"d\"]\nregions = \"sk-HUSH\"\n",
        "[[aliases]]\nname = \"a\"\ndeployments = [\"d\"]\nsticky = \"header:a1b2c3d4e5f6HUSH g7\"\n",
        "[[aliases]]\nname = \"a\"\ndeployments = [\"d\"]\ncomplexity = [{ api_secret = \"HUSH\" }]\n",
        // in a file that cannot be parsed
        "[providers.openai]\napi_key = sk-HUSH\n",
        "[providers.openai]\napi_key = \"sk-HUSH\n",
        "[providers.openai]\napi_key = \"sk-HUSH\" x\n",
        "[providers.openai]\napi_key = [\"a\",\nsk-HUSH]\n",
        "[providers.openai]\napi_key = [\n[\"sk-HUSH\n]\n",
        "[providers.openai]\napi_key = \"\"\"sk-\nlisten = HUSH\n\"\" x\n",
        "[providers.openai]\napi_key = \"\"\"sk\nlisten = HUSH \\q\n\"\"\"\n",
        "[providers.openai]\nbase_url = \"http://me:HUSH@host/v1\n",
        "listen = \"a\" api_secret = \"HUSH\"\n",
        "listen = \"a\" \"# HUSH\n",
    ] {
        let errors = parse(text).unwrap_err();
        let shown = format!("{errors}\n{errors:?}");
        assert!(!shown.contains("HUSH"), "{text}\n{errors}");
    }
}

#[test]
fn names_of_variables_and_plain_values_are_shown() {
    let text = "[providers.openai]\napi_key = \"env:NOT_SET\"\n";
    let shown = parse(text).unwrap_err().to_string();
    assert!(shown.contains("2 | api_key = \"env:NOT_SET\"\n"), "{shown}");
    let text = "layers.circuit_breaker = { store = \"redis://:HUSH@h\", open_for = \"soon\" }\n[providers]\n";
    let shown = parse(text).unwrap_err().to_string();
    assert!(shown.contains("1 | layers.circuit_breaker = { store = ***, open_for = \"soon\" }\n"), "{shown}");
    let shown = parse("listen = 127.0.0.1:8080\n").unwrap_err().to_string();
    assert!(shown.contains("1 | listen = 127.0.0.1:8080\n"), "{shown}");
}

#[test]
fn debug_of_a_configuration_holds_no_key() {
    let text = "[providers.openai]\napi_key = 'sk-HUSH'\n[keys.a]\nkey = 'HUSH'\n";
    let config = parse(text).unwrap();
    assert!(!format!("{config:?}").contains("HUSH"));
}
