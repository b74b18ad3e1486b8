use super::parse;

/// A file, and of each of its problems the line, the member, and pieces of message and suggestion.
type Case = (&'static str, &'static [(usize, &'static str, &'static str, &'static str)]);

/// What the cases that need a provider begin with: one line.
const P: &str = "providers.p = { dialect = 'openai', base_url = 'http://h/v1' }\n";

fn check(prefix: &str, cases: &[Case]) {
    for (text, expected) in cases {
        let text = format!("{prefix}{text}");
        let errors = match parse(&text) {
            Ok(_) => panic!("accepted:\n{text}"),
            Err(errors) => errors,
        };
        let found: Vec<_> = errors.problems().iter().map(|problem| (problem.line(), problem.member())).collect();
        let places: Vec<_> = expected.iter().map(|(line, member, ..)| (*line, *member)).collect();
        assert_eq!(found, places, "{text}\n{errors}");
        for (problem, (.., message, help)) in errors.problems().iter().zip(*expected) {
            assert!(problem.message().contains(message), "{message}\n{errors}");
            assert!(problem.suggestion().contains(help), "{help}\n{errors}");
            assert!(problem.column() > 0);
        }
    }
}

#[test]
#[rustfmt::skip]
fn files_that_are_no_toml() {
    check(
        "",
        &[
            ("listen = 127.0.0.1:8080\n", &[(1, "", "not TOML", "double quotes")]),
            ("\n[providers.openai\n", &[(2, "", "not TOML", "")]),
            ("[providers.p]\n[providers.p]\n", &[(2, "", "duplicate key", "each name may stand once")]),
            ("[keys.k]\nkey = 'a'\nkey = 'b'\n", &[(3, "", "duplicate key", "each name may stand once")]),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn at_the_top() {
    check(
        "",
        &[
            ("", &[(1, "providers", "names no provider", "[providers.openai]")]),
            ("[providers]\n", &[(1, "providers", "names no provider", "[providers.openai]")]),
            ("providers = 1\n", &[(1, "providers", "expected a table, found an integer", "[providers.NAME]")]),
        ],
    );
    check(
        P,
        &[
            ("lisen = '127.0.0.1:1'\n", &[(2, "lisen", "unknown member `lisen`", "did you mean `listen`?")]),
            ("[deployment]\n", &[(2, "deployment", "unknown member", "did you mean `deployments`?")]),
            ("[zzz]\n", &[(2, "zzz", "unknown member", "expected one of `listen`, `workers`, `providers`")]),
            ("listen = 'localhost:81'\n", &[(2, "listen", "not a socket address", "\"127.0.0.1:81\"")]),
            ("listen = 8080\n", &[(2, "listen", "expected a string, found an integer", "quotes")]),
            ("listen = '0.0.0.0:8080'\n", &[(2, "listen", "open to everybody", "127.0.0.1:8080")]),
            ("listen = 'env:NOT_SET'\n", &[(2, "listen", "`NOT_SET` is not set", "export NOT_SET")]),
            ("[deployments]\nname = 'a'\n", &[(2, "deployments", "expected an array, found a table", "[[deployments]]")]),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn providers() {
    check(
        "",
        &[
            ("[providers.opnai]\napi_key = 'k'\n", &[(1, "providers.opnai.dialect", "missing", "did you mean `[providers.openai]`?")]),
            ("[providers.p]\ndialect = 'openai'\n", &[(1, "providers.p.base_url", "missing", "base_url = \"https://")]),
            ("[providers.openai]\n", &[(1, "providers.openai.api_key", "missing", "env:OPENAI_API_KEY")]),
            ("[providers.openai]\ndialect = 'anthropic'\n", &[(1, "providers.openai.base_url", "missing", "")]),
            ("[providers.p]\ndialect = 'opnai'\n", &[(2, "providers.p.dialect", "unknown dialect", "did you mean `openai`?")]),
            ("[providers.p]\ndialect = 'bedrock'\n", &[(1, "providers.p.aws_region", "missing", "aws_region")]),
            ("[providers.anthropic]\napi_key = 'k'\napi_version = '2023-01-01'\n", &[(3, "providers.anthropic.api_version", "no such version", "2026-10-21")]),
            ("[providers.p]\ndialect = 'vertex'\nproject = 'a/b'\nlocation = 'l'\n", &[(3, "providers.p.project", "part of a URL", "letters")]),
            ("[providers.\"a/b\"]\ndialect = 'openai'\nbase_url = 'http://h'\n", &[(1, "providers.\"a/b\"", "cannot be the name", "letters")]),
        ],
    );
    check(
        "[providers.p]\ndialect = 'openai'\nbase_url = 'http://h/v1'\n",
        &[
            ("base_ulr = 'x'\n", &[(4, "providers.p.base_ulr", "unknown member", "did you mean `base_url`?")]),
            ("key = 'x'\n", &[(4, "providers.p.key", "unknown member", "did you mean `api_key`?")]),
            ("project = 'x'\n", &[(4, "providers.p.project", "no meaning in the dialect `openai`", "leave")]),
            ("unsupported = 'never'\n", &[(4, "providers.p.unsupported", "unknown policy", "`lenient`")]),
            ("private = 'yes'\n", &[(4, "providers.p.private", "expected", "")]),
            ("private = ['10.0.0.0/99']\n", &[(4, "providers.p.private[0]", "", "10.1.0.0/16")]),
            ("pins = ['md5/x']\n", &[(4, "providers.p.pins", "", "sha256/")]),
            ("headers = { 'a b' = 'c' }\n", &[(4, "providers.p.headers.\"a b\"", "cannot be a header", "letters")]),
            ("[egress]\nallow = ['*']\n", &[(5, "egress.allow[0]", "", "https://")]),
            ("[egress]\nroots = '/no/such/file'\n", &[(5, "egress.roots", "cannot be used", "PEM")]),
            ("api_version = 'x'\n", &[(4, "providers.p.api_version", "no meaning", "leave it out")]),
            ("api_key = 'env:NOT_SET'\n", &[(4, "providers.p.api_key", "`NOT_SET` is not set", "export")]),
            ("api_key = 'env:EMPTY'\n", &[(4, "providers.p.api_key", "`EMPTY` is empty", "export")]),
            ("api_key = ''\n", &[(4, "providers.p.api_key", "is empty", "env:NAME")]),
            ("api_key = '${OPENAI_API_KEY}'\n", &[(4, "providers.p.api_key", "looks like the name", "\"env:OPENAI_API_KEY\"")]),
            ("api_key = 'OPENAI_API_KEY'\n", &[(4, "providers.p.api_key", "looks like the name", "\"env:OPENAI_API_KEY\"")]),
            ("api_key = 'two words'\n", &[(4, "providers.p.api_key", "no HTTP header", "blanks")]),
            ("api_key = []\n", &[(4, "providers.p.api_key", "list is empty", "leave")]),
            ("api_key = 7\n", &[(4, "providers.p.api_key", "expected a string or a list", "env:NAME")]),
            ("api_key = ['a', 'b', { key = 'a', weight = 2 }]\n", &[(4, "providers.p.api_key[2]", "in the list already", "once")]),
            ("api_key = ['a', { key = 'b', weight = 5000000000 }]\n", &[(4, "providers.p.api_key[1].weight", "more than a weight", "proportion")]),
            ("api_key = [{ weight = 1 }]\n", &[(4, "providers.p.api_key[0].key", "missing", "env:NAME")]),
            ("api_key = [{ key = 'a', wieght = 0 }]\n", &[(4, "providers.p.api_key[0].wieght", "unknown", "`weight`")]),
            ("api_key = [{ key = 'a', weight = 0 }]\n", &[(4, "providers.p.api_key[0].weight", "above zero", "")]),
            ("timeout = '2s'\n", &[(4, "providers.p.timeout", "expected a table, found a string", "connect =")]),
            ("timeout = { conect = '2s' }\n", &[(4, "providers.p.timeout.conect", "unknown", "did you mean `connect`?")]),
            ("timeout = { connect = 2 }\n", &[(4, "providers.p.timeout.connect", "expected a duration, found an integer", "\"2s\"")]),
            ("[providers.p.timeout]\n\nconnect = '2 sec'\n", &[(6, "providers.p.timeout.connect", "not a duration", "`ms`")]),
            ("timeout.connect = '0s'\n", &[(4, "providers.p.timeout.connect", "zero", "leave it out")]),
            ("timeout.connect = '25h'\n", &[(4, "providers.p.timeout.connect", "more than a day", "24h")]),
            ("timeout = { idle = '60' }\n", &[(4, "providers.p.timeout.idle", "must be a time", "")]),
        ],
    );
    check(
        "[providers.p]\ndialect = 'openai'\n",
        &[
            ("base_url = 'h/v1'\n", &[(3, "providers.p.base_url", "`http://` or `https://`", "https://")]),
            ("base_url = 'http://u:p@h/'\n", &[(3, "providers.p.base_url", "no credentials", "`api_key`")]),
            ("base_url = 'http://h/?a'\n", &[(3, "providers.p.base_url", "no query", "`?`")]),
            ("base_url = 'http://h/#a'\n", &[(3, "providers.p.base_url", "no fragment", "`#`")]),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn deployments_and_aliases() {
    check(
        P,
        &[
            ("[[deployments]]\n", &[(2, "deployments[0].name", "missing", "name ="), (2, "deployments[0].provider", "missing", "provider =")]),
            ("[[deployments]]\nname = 'a'\nprovider = 'pp'\n", &[(4, "deployments[0].provider", "no provider `pp`", "the only choice is `p`")]),
            ("[[deployments]]\nname = ''\nprovider = 'p'\n", &[(3, "deployments[0].name", "not a name", "")]),
            ("[[deployments]]\nname = 'a'\nprovider = 'p'\n[[deployments]]\nname = 'a'\nprovider = 'p'\n", &[(6, "deployments[1].name", "taken by `deployments[0].name`", "of its own")]),
            ("[[aliases]]\n", &[(2, "aliases[0].name", "missing", ""), (2, "aliases[0].deployments", "missing", "")]),
        ],
    );
    let one = format!("{P}[[deployments]]\nname = 'small'\nprovider = 'p'\n");
    check(
        &one,
        &[
            ("modle = 'x'\n", &[(5, "deployments[0].modle", "unknown", "did you mean `model`?")]),
            ("onlyfor = 'batch'\n", &[(5, "deployments[0].onlyfor", "unknown", "did you mean `only_for`?")]),
            ("only_for = 'bach'\n", &[(5, "deployments[0].only_for", "unknown class", "did you mean `batch`?")]),
            ("hours = { from = '08:00' }\n", &[(5, "deployments[0].hours", "missing member `to`", "")]),
            ("hours = { from = '08:00', to = '25:00' }\n", &[(5, "deployments[0].hours", "25:00", "")]),
            ("price = { input = 0.15 }\n", &[(5, "deployments[0].price.input", "expected a decimal within quotes, such as \"0.15\", found the number 0.15", "`\"0.15\"`; see docs/catalogue.md")]),
            ("price = { input = '1,5' }\n", &[(5, "deployments[0].price.input", "decimal", "see docs/catalogue.md")]),
            ("price = { input = '-1' }\n", &[(5, "deployments[0].price.input", "", "see docs/catalogue.md")]),
            ("price = { imput = '1' }\n", &[(5, "deployments[0].price.imput", "unknown", "did you mean `input`?")]),
            ("context_window = '8k'\n", &[(5, "deployments[0].context_window", "expected", "see docs/catalogue.md")]),
            ("context_window = 0\n", &[(5, "deployments[0].context_window", "expected a whole number above zero, found the number 0", "docs/catalogue.md")]),
            ("capabilities = ['tool']\n", &[(5, "deployments[0].capabilities[0]", "unknown variant `tool`", "did you mean `tools`?")]),
            ("tier = 'giant'\n", &[(5, "deployments[0].tier", "unknown variant `giant`", "see docs/catalogue.md")]),
            ("tier = 'larg'\n", &[(5, "deployments[0].tier", "unknown variant `larg`", "did you mean `large`?")]),
            ("[[aliases]]\nname = 'small'\ndeployments = ['small']\n", &[(6, "aliases[0].name", "taken", "")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['smal', { name = 'smll' }]\n", &[(7, "aliases[0].deployments[0]", "no deployment `smal`", "did you mean `small`?"), (7, "aliases[0].deployments[1].name", "no deployment `smll`", "did you mean `small`?")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small', 'small']\n", &[(7, "aliases[0].deployments[1]", "twice", "")]),
            ("[[aliases]]\nname = 'a'\ndeployments = []\n", &[(7, "aliases[0].deployments", "needs a deployment", "")]),
            ("[[aliases]]\nname = 'a'\npolicy = 'orderd'\ndeployments = ['small']\n", &[(7, "aliases[0].policy", "`orderd` is none of ordered", "did you mean `ordered`?")]),
            ("[[aliases]]\nname = 'a'\npolicy = 'quickest'\ndeployments = ['small']\n", &[(7, "aliases[0].policy", "`quickest` is none of ordered", "see docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nclass = 'batsh'\n", &[(8, "aliases[0].class", "`batsh` is none of interactive, batch", "did you mean `batch`?")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nmin_tier = 'mediun'\n", &[(8, "aliases[0].min_tier", "`mediun` is none of", "did you mean `medium`?")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nmax_cost = 0.05\n", &[(8, "aliases[0].max_cost", "expected a string, found the number 0.05", "write it within quotes, since a number is not exact: `\"0.05\"`; see docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nmax_price = { input = 3 }\n", &[(8, "aliases[0].max_price.input", "found the number 3", "`\"3\"`")]),
            ("[[aliases]]\nname = 'a'\ndeployments = [{ name = 'small', weight = -3 }]\n", &[(7, "aliases[0].deployments[0].weight", "expected a whole number above zero, found -3", "`1` or more")]),
            ("[[aliases]]\nname = 'a'\ndeployments = [{ name = 'small', weight = 1.5 }]\n", &[(7, "aliases[0].deployments[0].weight", "expected a whole number above zero, found a float", "8192")]),
            ("[[aliases]]\nname = 'a'\ndeployments = [{ name = 'small', weight = 5000000000 }]\n", &[(7, "aliases[0].deployments[0].weight", "more than a weight", "proportion")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nhours = 'never'\n", &[(8, "aliases[0].hours", "expected a table, found \"never\"", "docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nhours = { from = '08:00' }\n", &[(8, "aliases[0].hours", "missing member `to`", "docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nregions = 'eu'\n", &[(8, "aliases[0].regions", "expected a list, found \"eu\"", "docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nmax_attempts = -1\n", &[(8, "aliases[0].max_attempts", "expected a whole number, found the number -1", "docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\naffinity = 'no'\n", &[(8, "aliases[0].affinity", "expected `true` or `false`, found \"no\"", "docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small', 7]\n", &[(7, "aliases[0].deployments[1]", "expected a table", "weight = 10")]),
            ("[[aliases]]\nname = 'a'\npolicy = 'cheapest'\ndeployments = ['small']\nmax_p99 = '2'\n", &[(9, "aliases[0].max_p99", "with a unit", "docs/")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nmax_p98 = '2s'\n", &[(8, "aliases[0].max_p98", "unknown member", "did you mean `max_p99`?")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nhours = { from = '8 am', to = '18:00' }\n", &[(8, "aliases[0].hours.from", "`8 am` is no time", "docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\non_context_overflow = ['smalll']\n", &[(8, "aliases[0].on_context_overflow[0]", "no deployment `smalll`", "did you mean `small`?")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\ncomplexity = [{ deployments = ['other'] }]\n", &[(8, "aliases[0].complexity[0].deployments", "`other` is none of the alias's deployments", "docs/cost-router.md")]),
            ("[[aliases]]\nname = 'a'\ndeployments = ['small']\nbudget = [{ usd = 'HUSH', per = 'day' }]\n", &[(8, "aliases[0].budget[0].usd", "no amount of dollars", "docs/budgets.md")]),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn keys_and_layers() {
    check(
        P,
        &[
            ("[keys.a]\n", &[(2, "keys.a.key", "missing", "env:NAME")]),
            ("[keys.a]\nkey = 'k'\nbudget = { usd = '20.00', per = 'week' }\n", &[(4, "keys.a.budget.per", "unknown variant `week`", "docs/budgets.md")]),
            ("[keys.a]\nkey = 'k'\nbudget = { uds = '20.00', per = 'day' }\n", &[(4, "keys.a.budget.uds", "unknown member", "did you mean `usd`?")]),
            ("[keys.a]\nkey = 'k'\nbudget = { usd = 1, per = 'day' }\n[layers.accounts]\nenabled = false\n", &[(6, "layers.accounts.enabled", "`keys.a` has a budget", "leave this out")]),
            ("[layers.accounts]\nledger = '/no/such/folder'\n", &[(3, "layers.accounts.ledger", "the folder `/no/such/folder` cannot be used: No such file", "docs/accounts.md")]),
            ("[layers.accounts]\naudit = { sample = 2 }\n", &[(3, "layers.accounts.audit.sample", "a share from 0 to 1", "docs/")]),
            ("[layers.accounts]\nglobal = [{ usd = 1, per = 'day' }, { usd = 2, per = 'day' }]\n", &[(2, "layers.accounts", "two budgets for", "docs/")]),
            ("[keys.a]\nkey = 'k'\n[keys.b]\nkey = 'k'\n", &[(4, "keys.b", "same key as `keys.a`", "of its own")]),
            ("listen = '0.0.0.0:1'\n[keys.a]\nkey = 'env:NOT_SET'\n", &[(4, "keys.a.key", "`NOT_SET` is not set", "export")]),
            ("[keys.a]\nkey = 'k'\nrpm = 0\n", &[(4, "keys.a.rpm", "above zero, found 0", "`1` or more")]),
            ("[keys.a]\nkey = 'k'\nrpm = 6\n[layers.rate_limit]\nenabled = false\n", &[(6, "layers.rate_limit.enabled", "`keys.a` has limits", "leave this out")]),
            ("[providers.q]\ndialect = 'openai'\nbase_url = 'http://h'\ntimeout = { idle = '9s' }\n[layers.timeout]\nenabled = false\n", &[(7, "layers.timeout.enabled", "`providers.q.timeout` has limits", "but `connect`")]),
            ("[layers.retry]\nmax_attempts = 0\n", &[(3, "layers.retry.max_attempts", "not from 1 to 20", "docs/")]),
            ("[layers.retry]\nmax_atempts = 3\n", &[(3, "layers.retry.max_atempts", "unknown member", "did you mean `max_attempts`?")]),
            ("[layers.circuit_breaker]\nopen_for = 'HUSH'\n", &[(3, "layers.circuit_breaker.open_for", "such as", "docs/")]),
            ("[layers.circuit_breaker]\nstore = 'http://h'\n", &[(3, "layers.circuit_breaker.store", "Redis", "redis://")]),
            ("[layers.rate_limit]\nrpm = 'many'\n", &[(3, "layers.rate_limit.rpm", "expected a whole number above zero, found \"many\"", "docs/rate-limit.md")]),
            ("[layers.timeout]\nidle = 5\n", &[(3, "layers.timeout.idle", "expected a string, found the number 5", "with its unit, such as `\"30s\"`; see docs/timeout.md")]),
            ("[layers.deadline]\ndefault = '2h'\nmax = '1h'\n", &[(3, "layers.deadline.default", "longer than `max`", "docs/")]),
            ("[layers.rate_limit]\nrpm = 10\ntoken_burst = 5\n", &[(4, "layers.rate_limit.token_burst", "needs `tpm`", "docs/")]),
            ("[layers.cache]\nenabled = 'no'\n", &[(3, "layers.cache.enabled", "true or false", "without quotes")]),
            ("[layers.cache]\nttl = 'soon'\n", &[(3, "layers.cache.ttl", "must be a time", "")]),
            ("[layers.cache]\nstore = 'redis'\n", &[(3, "layers.cache.store", "begins with none of", "memory")]),
            ("[layers.cache]\nstore = ['memory', 'memory']\n", &[(3, "layers.cache.store[1]", "memory over memory", "redis://")]),
            ("[layers.cache]\nstore = ['redis://h', 'memory']\n", &[(3, "layers.cache.store", "a list of stores", "redis://")]),
            ("[layers.cache]\nsecret = 'short'\n", &[(3, "layers.cache.secret", "at least 32", "openssl")]),
            ("[layers.cache]\nencrypt = true\n", &[(3, "layers.cache.encrypt", "nothing to encrypt with", "secret")]),
            ("[layers.cache]\nsemantic = { model = 'm', threshold = 2.0 }\n", &[(3, "layers.cache.semantic.threshold", "not from 0.5 to 1", "docs/")]),
            ("[layers.pii_redaction]\nentities = { emial = 'mask' }\n", &[(3, "layers.pii_redaction.entities.emial", "`emial` is none of email", "did you mean `email`?")]),
            ("[layers.pii_redaction]\nentities = { email = 'maks' }\n", &[(3, "layers.pii_redaction.entities.email", "`maks` is none of placeholder", "did you mean `mask`?")]),
            ("[layers.pii_redaction]\nentitys = {}\n", &[(3, "layers.pii_redaction.entitys", "unknown member", "did you mean `entities`?")]),
            ("[layers.pii_redaction]\nkey = 'HUSH'\n", &[(3, "layers.pii_redaction.key", "at least 16 characters", "docs/pii-redaction.md")]),
            ("[layers.pii_redaction]\ndefault = 'encrypt'\n", &[(2, "layers.pii_redaction", "takes a key", "docs/pii-redaction.md")]),
            ("[layers.pii_redaction]\nthresholds = { email = 2 }\n", &[(3, "layers.pii_redaction.thresholds.email", "not from 0 to 1", "docs/")]),
            ("[layers.pii_redaction]\nanswers = 'placeholder'\n", &[(3, "layers.pii_redaction.answers", "nobody would put the values back", "docs/")]),
            ("[layers.pii_redaction.custom.customer]\naction = 'mask'\n", &[(2, "layers.pii_redaction.custom.customer", "needs a `pattern` or `words`", "docs/")]),
            ("[layers.pii_redaction.custom.customer]\npattern = '(?=C)'\n", &[(2, "layers.pii_redaction.custom.customer", "look-around", "docs/")]),
            ("[layers.pii_redaction.custom.'Customer no.']\nwords = ['x']\n", &[(2, "layers.pii_redaction.custom", "lower-case letters", "docs/")]),
            ("[layers.pii_redaction]\npresidio = { url = 'presidio' }\n", &[(3, "layers.pii_redaction.presidio", "begins with `http://`", "")]),
            ("[layers.pii_redaction]\npresidio = { url = 'http://h', on_failure = 'opne' }\n", &[(3, "layers.pii_redaction.presidio", "`opne` is none of closed, open", "")]),
            ("[layers.pii_redaction]\nllm = { url = 'http://h' }\n", &[(3, "layers.pii_redaction.llm", "missing", "")]),
            ("[layers.tool_call_validator]\non_invalid = 'mend'\n", &[(3, "layers.tool_call_validator.on_invalid", "`mend` is none of repair", "docs/tool-call-validator.md")]),
            ("[layers.tool_call_validator]\nmax_reasks = 9\n", &[(3, "layers.tool_call_validator.max_reasks", "not from 0 to 8", "docs/")]),
            ("[layers.tool_call_validator.tools.search]\non_invalid = ['report', 'repair']\n", &[(3, "layers.tool_call_validator.tools.search.on_invalid", "in this order", "docs/")]),
            ("[layers.redaction]\nenabled = false\n", &[(2, "layers.redaction", "unknown layer", "did you mean `pii_redaction`?")]),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn all_mistakes_at_once_in_the_order_of_the_file() {
    check(
        "",
        &[(
            "listen = 'here'\n[providers.b]\ndialect = 'openai'\nbase_url = 'x'\napi_kye = 'k'\n\
         [providers.a]\ndialect = 'coher'\n[[deployments]]\nname = 'd'\nprovider = 'c'\n[keys.k]\n",
            &[
                (1, "listen", "not a socket address", ""),
                (4, "providers.b.base_url", "begins with", ""),
                (
                    5,
                    "providers.b.api_kye",
                    "unknown",
                    "did you mean `api_key`?",
                ),
                (7, "providers.a.dialect", "unknown dialect", ""),
                (10, "deployments[0].provider", "no provider `c`", ""),
                (11, "keys.k.key", "missing", ""),
            ],
        )],
    );
}
