//! Keys that their vendors gave a form of their own.

use super::value::{is_mixed, is_varied};
use crate::{Detector, Entity};

const fn key(pattern: &'static str, source: &'static str) -> Detector {
    Detector::pattern(Entity::SECRET, pattern).check(is_varied).source(source)
}

/// Where the form alone is little.
const fn mixed(pattern: &'static str, source: &'static str) -> Detector {
    Detector::pattern(Entity::SECRET, pattern).check(is_mixed).source(source)
}

pub(in super::super) const ALL: &[Detector] = &[
    // Clouds.
    key("(?:A3T[A-Z0-9]|AKIA|ABIA|ACCA)[A-Z0-9]{16}", "AWS IAM reference, unique identifiers, 2026-11"),
    mixed("ASIA[A-Z0-9]{16}", "AWS IAM reference, unique identifiers, 2026-11"),
    key("AIza[0-9A-Za-z_-]{35}", "Google Cloud, API keys; gitleaks gcp-api-key, 2026-11"),
    key("GOCSPX-[0-9A-Za-z_-]{28}", "Google, OAuth client secrets, 2026-11"),
    key("1//0[0-9A-Za-z_-]{30,90}", "Google, OAuth refresh tokens, 2026-11"),
    key(
        "[A-Za-z0-9][A-Za-z0-9_~.]{2}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
        "Microsoft Entra client secrets; gitleaks azure-ad-client-secret, 2026-11",
    ),
    key("do[opr]_v1_[0-9a-f]{64}", "DigitalOcean, token formats; gitleaks, 2026-11"),
    key("LTAI[0-9A-Za-z]{12,24}", "Alibaba Cloud, AccessKey; gitleaks alibaba-access-key-id, 2026-11"),
    key("HRKU-[0-9A-Za-z_-]{60}", "Heroku API keys; gitleaks heroku-api-key-v2, 2026-11"),
    key("hv[sbr]\\.[0-9A-Za-z_-]{24,90}", "HashiCorp Vault, tokens, 2026-11"),
    key("[0-9A-Za-z]{14}\\.atlasv1\\.[0-9A-Za-z_=-]{60,70}", "HCP Terraform; gitleaks hashicorp-tf-api-token, 2026-11"),
    key("dapi[0-9a-f]{32}(?:-[0-9])?", "Databricks; gitleaks databricks-api-token, 2026-11"),
    key(
        "dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[a-z0-9_-]{2,35}\\.)?[0-9A-Za-z]{40,44}",
        "Doppler, token formats, 2026-11",
    ),
    key("pscale_(?:tkn|oauth|pw)_[0-9A-Za-z_.=-]{32,64}", "PlanetScale; gitleaks, 2026-11"),
    key("pul-[0-9a-f]{40}", "Pulumi; gitleaks pulumi-api-token, 2026-11"),
    key("dt0c01\\.[0-9A-Z]{24}\\.[0-9A-Z]{64}", "Dynatrace, token format; gitleaks, 2026-11"),
    key("AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", "age, format v1; gitleaks age-secret-key, 2026-11"),
    key(
        "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
        "1Password; gitleaks 1password-secret-key, 2026-11",
    ),
    key("sbp_[0-9a-f]{40}", "Supabase, personal access tokens, 2026-11"),
    // Code and packages.
    key("gh[pousr]_[0-9A-Za-z]{36,110}", "GitHub, token formats; gitleaks, 2026-11"),
    key("github_pat_[0-9A-Za-z_]{82}", "GitHub, fine-grained tokens; gitleaks, 2026-11"),
    mixed(
        "gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|rtr|soat|wt)-[0-9A-Za-z_.-]{20,90}",
        "GitLab, token prefixes; gitleaks, 2026-11",
    ),
    key("GR1348941[0-9A-Za-z_-]{20}", "GitLab, runner registration; gitleaks gitlab-rrt, 2026-11"),
    key("npm_[0-9A-Za-z]{36}", "npm; gitleaks npm-access-token, 2026-11"),
    key("rubygems_[0-9a-f]{48}", "RubyGems; gitleaks rubygems-api-token, 2026-11"),
    key("CLOJARS_[0-9a-z]{60}", "Clojars; gitleaks clojars-api-token, 2026-11"),
    key("dckr_[op]at_[0-9A-Za-z_-]{27,32}", "Docker Hub, access tokens, 2026-11"),
    key("PMAK-[0-9a-f]{24}-[0-9a-f]{34}", "Postman; gitleaks postman-api-token, 2026-11"),
    key("sgp_(?:[0-9A-Fa-f]{16}_|local_)?[0-9A-Fa-f]{40}", "Sourcegraph; gitleaks, 2026-11"),
    key("AKCp[0-9A-Za-z]{69}", "Artifactory; gitleaks artifactory-api-key, 2026-11"),
    // Models.
    key("sk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20}", "OpenAI; gitleaks openai-api-key, 2026-11"),
    mixed("sk-[0-9A-Za-z]{32,64}", "OpenAI and compatible APIs, secret keys, 2026-11"),
    key("sk-or-v1-[0-9a-f]{64}", "OpenRouter, API keys, 2026-11"),
    key("hf_[0-9A-Za-z]{34}|api_org_[0-9A-Za-z]{34}", "Hugging Face; gitleaks, 2026-11"),
    key("pplx-[0-9A-Za-z]{48}", "Perplexity; gitleaks perplexity-api-key, 2026-11"),
    key("gsk_[0-9A-Za-z]{52}", "Groq, API keys, 2026-11"),
    key("xai-[0-9A-Za-z]{70,84}", "xAI, API keys, 2026-11"),
    key("r8_[0-9A-Za-z]{37}", "Replicate, API tokens, 2026-11"),
    key("nvapi-[0-9A-Za-z_-]{64}", "NVIDIA, API keys, 2026-11"),
    key("lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}", "LangSmith, API keys, 2026-11"),
    // Messages.
    key(
        "xox[abeoprs](?:\\.xox[bp])?-(?:[0-9]{8,14}|[0-9])-[0-9A-Za-z-]{10,80}",
        "Slack, token types; gitleaks, 2026-11",
    ),
    mixed("xox[ar]-[0-9A-Za-z]{20,48}", "Slack, older workspace tokens; gitleaks, 2026-11"),
    key("xapp-[0-9]-[0-9A-Z]{8,13}-[0-9]{10,14}-[0-9a-f]{64}", "Slack, app-level tokens; gitleaks, 2026-11"),
    key(
        "hooks\\.slack\\.com/(?:services|workflows|triggers)/[0-9A-Za-z/+_-]{40,60}",
        "Slack, incoming webhooks; gitleaks, 2026-11",
    ),
    key("webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,68}", "Discord, webhooks, 2026-11"),
    key("[MNO][0-9A-Za-z_-]{23,27}\\.[0-9A-Za-z_-]{6}\\.[0-9A-Za-z_-]{27,40}", "Discord, bot tokens, 2026-11"),
    key("[0-9]{7,11}:AA[0-9A-Za-z_-]{32,34}", "Telegram, bot API, 2026-11"),
    key("(?:SK|AC)[0-9a-f]{32}", "Twilio, SIDs and API keys; gitleaks twilio-api-key, 2026-11"),
    key("SG\\.[0-9A-Za-z_-]{18,24}\\.[0-9A-Za-z_-]{39,48}", "SendGrid; gitleaks sendgrid-api-token, 2026-11"),
    key("[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}", "Mailgun, signing keys; gitleaks, 2026-11"),
    key("[0-9a-f]{32}-us[0-9]{1,2}", "Mailchimp; gitleaks mailchimp-api-key, 2026-11"),
    key("xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}", "Brevo; gitleaks sendinblue-api-token, 2026-11"),
    // Trade and work.
    mixed("[sr]k_(?:live|prod|test)_[0-9A-Za-z]{10,110}", "Stripe, API keys; gitleaks stripe-access-token, 2026-11"),
    mixed("whsec_[0-9A-Za-z+/=]{24,64}", "Stripe, webhook signing; Standard Webhooks, 2026-11"),
    key("shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}", "Shopify, access tokens; gitleaks, 2026-11"),
    mixed("sq0(?:atp|csp|idp)-[0-9A-Za-z_-]{22,60}", "Square; gitleaks square-access-token, 2026-11"),
    key("shippo_(?:live|test)_[0-9A-Fa-f]{40}", "Shippo; gitleaks, 2026-11"),
    key("EZ[AT]K[0-9A-Za-z]{54}", "EasyPost; gitleaks, 2026-11"),
    key("FLWSECK(?:_TEST)?-[0-9A-Za-z]{12,32}(?:-X)?", "Flutterwave; gitleaks, 2026-11"),
    key("sntryu_[0-9a-f]{64}", "Sentry; gitleaks sentry-user-token, 2026-11"),
    key("lin_(?:api|oauth)_[0-9A-Za-z]{40,64}", "Linear; gitleaks linear-api-key, 2026-11"),
    key("ntn_[0-9]{11}[0-9A-Za-z]{35}", "Notion; gitleaks notion-api-token, 2026-11"),
    mixed("secret_[0-9A-Za-z]{43}", "Notion, older integrations, 2026-11"),
    key("gl(?:c_[0-9A-Za-z+/=]{32,90}|sa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8})", "Grafana; gitleaks, 2026-11"),
    key("NRAK-[0-9A-Z]{27}|NRII-[0-9A-Za-z-]{32}", "New Relic; gitleaks, 2026-11"),
    key("figd_[0-9A-Za-z_-]{40,45}", "Figma, personal access tokens, 2026-11"),
    key("tfp_[0-9A-Za-z_.=-]{59}", "Typeform; gitleaks typeform-api-token, 2026-11"),
    key("[0-9A-Za-z]{6}_[0-9A-Za-z]{29}_mmk", "MaxMind; gitleaks maxmind-license-key, 2026-11"),
];

/// Beginnings of keys that are longer than a pattern may be, in lower case, and the fewest bytes behind them.
pub(super) const LONG: &[(&str, usize)] = &[
    ("sk-ant-", 24),
    ("sk-proj-", 20),
    ("sk-svcacct-", 20),
    ("sk-admin-", 20),
    ("pypi-ageichlwas5vcmc", 50),
    ("ya29.", 30),
    ("sntrys_", 40),
    ("atatt3", 60),
    ("ops_eyj", 100),
    ("xoxe.xoxp-", 40),
    ("xoxe.xoxb-", 40),
    ("glpat-", 20),
    ("hvs.", 60),
    ("hvb.", 60),
    ("eaam", 100),
    ("eaac", 100),
    ("fm2_", 100),
    ("xprv", 107),
];
