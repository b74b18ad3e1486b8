//! What calls cost, by examples of the providers' own price pages.
//!
//! `stated` is the figure that the page itself gives, as it rounds it; `usd` is the exact one, worked out by hand from
//! the prices on the page. `date` is when the page was looked up, or when whoever quotes it did.

use std::time::SystemTime;

use llm_layers_catalogue::{Catalogue, Meter, Price, Quantities, ServiceTier, Terms};
use rust_decimal::{Decimal, RoundingStrategy};

const ANTHROPIC: &str = "https://platform.claude.com/docs/en/about-claude/pricing";
const OPENAI: &str = "https://developers.openai.com/api/docs/pricing";
const OPENAI_IMAGES: &str = "https://developers.openai.com/api/docs/guides/image-generation";
const GEMINI: &str = "https://ai.google.dev/gemini-api/docs/pricing";
const DEEPSEEK: &str = "https://api-docs.deepseek.com/quick_start/pricing";
const PERPLEXITY: &str = "https://docs.perplexity.ai/docs/getting-started/pricing";
const BEDROCK: &str = "https://aws.amazon.com/bedrock/pricing/";
const COHERE: &str = "https://cohere.com/pricing";
const GROQ: &str = "https://groq.com/pricing";

/// A Wednesday, so that no weekend's prices hold.
const USUAL: &str = "2026-11-18T12:00:00Z";

#[derive(Clone, Copy)]
struct Example {
    source: &'static str,
    date: &'static str,
    provider: &'static str,
    model: &'static str,
    quantities: Quantities,
    service: ServiceTier,
    at: &'static str,
    usd: &'static str,
    stated: Option<&'static str>,
}

impl Example {
    const fn of(
        page: (&'static str, &'static str),
        model: (&'static str, &'static str),
        quantities: Quantities,
        usd: &'static str,
    ) -> Self {
        Self {
            source: page.0,
            date: page.1,
            provider: model.0,
            model: model.1,
            quantities,
            service: ServiceTier::Standard,
            at: USUAL,
            usd,
            stated: None,
        }
    }

    const fn stated(self, stated: &'static str) -> Self {
        Self { stated: Some(stated), ..self }
    }

    const fn tier(self, service: ServiceTier) -> Self {
        Self { service, ..self }
    }

    const fn at(self, at: &'static str) -> Self {
        Self { at, ..self }
    }

    fn name(&self) -> String {
        let Self { provider, model, source, date, at, .. } = self;
        format!("{provider}/{model}, {:?} at {at} ({source}, {date})", self.service)
    }
}

/// `Quantities::default()` is not const.
const NOTHING: Quantities = Quantities {
    input: 0,
    cached_input: 0,
    cache_write: 0,
    cache_write_1h: 0,
    audio_input: 0,
    cached_audio_input: 0,
    image_input: 0,
    output: 0,
    reasoning: 0,
    audio_output: 0,
    image_output: 0,
    input_characters: 0,
    output_characters: 0,
    images: 0,
    requests: 0,
    input_millis: 0,
    output_millis: 0,
};

const fn tokens(input: u64, output: u64) -> Quantities {
    Quantities { input, output, ..NOTHING }
}

const fn cached(input: u64, cached_input: u64, output: u64) -> Quantities {
    Quantities { input, cached_input, output, ..NOTHING }
}

const fn image_out(image_output: u64) -> Quantities {
    Quantities { image_output, ..NOTHING }
}

const fn image_in(image_input: u64) -> Quantities {
    Quantities { image_input, ..NOTHING }
}

const CLAUDE_PAGE: (&str, &str) = (ANTHROPIC, "2026-11-21");
const OPUS_5: (&str, &str) = ("anthropic", "claude-opus-5");
const SONNET_5: (&str, &str) = ("anthropic", "claude-sonnet-5");
const HAIKU_5_5: (&str, &str) = ("anthropic", "claude-haiku-5-5");

/// Input $5, output $25, cache writes $6.25 and $10, hits $0.50; half of it in a batch.
#[rustfmt::skip]
const CLAUDE: &[Example] = &[
    // 50,000 × $5 / 1,000,000 = $0.25 and 15,000 × $25 / 1,000,000 = $0.375 (the hour of runtime is another bill).
    Example::of(CLAUDE_PAGE, OPUS_5, tokens(50_000, 15_000), "0.625").stated("0.625"),
    // 10,000 × $5 = $0.05, 40,000 × $5 × 0.1 = $0.02, 15,000 × $25 = $0.375, a million each.
    Example::of(CLAUDE_PAGE, OPUS_5, cached(10_000, 40_000, 15_000), "0.445").stated("0.445"),
    // The page's `usage` of a web search: 525 + 150,975 + 3,561.50 + 45,906.25 millionths.
    Example::of(CLAUDE_PAGE, OPUS_5,
        Quantities { input: 105, output: 6_039, cached_input: 7_123, cache_write: 7_345, ..NOTHING }, "0.20096775"),
    // 10,000 × $2.50 + 40,000 × $0.25 + 15,000 × $12.50: the batch discount and the cache's together.
    Example::of(CLAUDE_PAGE, OPUS_5, cached(10_000, 40_000, 15_000), "0.2225").tier(ServiceTier::Batch),
    // 10,000 tickets of 3,700 tokens at $1.
    Example::of(CLAUDE_PAGE, ("anthropic", "claude-haiku-4-5"), tokens(37_000_000, 0), "37").stated("37.00"),
    // Written for 5 minutes: 1,000 × $2 + 100,000 × $2.50 + 500 × $10.
    Example::of(CLAUDE_PAGE, SONNET_5, Quantities { cache_write: 100_000, ..tokens(1_000, 500) }, "0.257"),
    // For an hour: 100,000 × $4 instead.
    Example::of(CLAUDE_PAGE, SONNET_5, Quantities { cache_write_1h: 100_000, ..tokens(1_000, 500) }, "0.407"),
    // "Up to 100,000 tokens": 100,000 × $0.10 + 1,000 × $0.50.
    Example::of((ANTHROPIC, "2026-10-24"), HAIKU_5_5, tokens(100_000, 1_000), "0.0105"),
    // One token more, and every token has the higher price, from the cache and to it too:
    // 60,000 × $0.50 + 40,000 × $0.05 + 1 × $0.625 + 1,000 × $2.50.
    Example::of((ANTHROPIC, "2026-10-24"), HAIKU_5_5,
        Quantities { cache_write: 1, ..cached(60_000, 40_000, 1_000) }, "0.034500625"),
    // The same in a batch: half of it.
    Example::of((ANTHROPIC, "2026-10-24"), HAIKU_5_5,
        Quantities { cache_write: 1, ..cached(60_000, 40_000, 1_000) }, "0.0172503125").tier(ServiceTier::Batch),
];

const OPENAI_PAGE: (&str, &str) = (OPENAI, "2026-11-05");
const ASTRA: (&str, &str) = ("openai", "gpt-6-astra");

#[rustfmt::skip]
const GPT: &[Example] = &[
    // $10, $1 and $50: 1 + 0.15 + 0.50.
    Example::of(OPENAI_PAGE, ASTRA, cached(100_000, 150_000, 10_000), "1.65"),
    // 272,000 tokens of prompt are not more than 272K: 2 + 0.072 + 0.50.
    Example::of(OPENAI_PAGE, ASTRA, cached(200_000, 72_000, 10_000), "2.572"),
    // 272,001 are: twice for input, 1.5 times for output, of the whole request: 4 + 0.144002 + 0.75.
    Example::of(OPENAI_PAGE, ASTRA, cached(200_000, 72_001, 10_000), "4.894002"),
    // Batch: 100,000 × $5 + 10,000 × $25; beyond 272K 300,000 × $10 + 10,000 × $37.50.
    Example::of(OPENAI_PAGE, ASTRA, tokens(100_000, 10_000), "0.75").tier(ServiceTier::Batch),
    Example::of(OPENAI_PAGE, ASTRA, tokens(300_000, 10_000), "3.375").tier(ServiceTier::Batch),
    // Flex: 100,000 × $5 + 150,000 × $0.50 + 10,000 × $25.
    Example::of(OPENAI_PAGE, ASTRA, cached(100_000, 150_000, 10_000), "0.825").tier(ServiceTier::Flex),
    // Priority: 10,000 × $4.25 + 10,000 × $2.125 + 1,000 × $17.
    Example::of(OPENAI_PAGE, ("openai", "gpt-4o"), cached(10_000, 10_000, 1_000), "0.08075")
        .tier(ServiceTier::Priority),
    // Thoughts are output: 5,000 × $2 + (2,000 + 500) × $8.
    Example::of(OPENAI_PAGE, ("openai", "o3"), Quantities { reasoning: 2_000, ..tokens(5_000, 500) }, "0.03"),
    // A minute said (10 tokens a second) and a minute answered (20): 1,000 × $2.50 + 600 × $32 + 100 × $10 + 1,200 × $64.
    Example::of(OPENAI_PAGE, ("openai", "gpt-audio"),
        Quantities { audio_input: 600, audio_output: 1_200, ..tokens(1_000, 100) }, "0.0995"),
    // $2.50 for a million of sound, $10 for a million of text.
    Example::of(("https://developers.openai.com/api/docs/models/gpt-4o-transcribe.md", "2026-11-21"),
        ("openai", "gpt-4o-transcribe"), Quantities { audio_input: 6_000, output: 1_500, ..NOTHING }, "0.03"),
    // $0.006 a minute.
    Example::of(OPENAI_PAGE, ("openai", "whisper-1"), Quantities { input_millis: 60_000, ..NOTHING }, "0.006")
        .stated("0.006"),
    // By the second, not by the minute begun.
    Example::of(OPENAI_PAGE, ("openai", "whisper-1"), Quantities { input_millis: 90_500, ..NOTHING }, "0.00905"),
    // $15 for a million characters.
    Example::of(OPENAI_PAGE, ("openai", "tts-1"), Quantities { input_characters: 1_000_000, ..NOTHING }, "15")
        .stated("15.00"),
    Example::of(OPENAI_PAGE, ("openai", "tts-1"), Quantities { input_characters: 37, ..NOTHING }, "0.000555"),
    // 8,191 × $0.02, and half of it in a batch.
    Example::of(OPENAI_PAGE, ("openai", "text-embedding-3-small"), tokens(8_191, 0), "0.00016382"),
    Example::of(OPENAI_PAGE, ("openai", "text-embedding-3-small"), tokens(8_191, 0), "0.00008191")
        .tier(ServiceTier::Batch),
    // A square image of low quality is 272 tokens, of medium quality 1,056, of $40 a million.
    Example::of((OPENAI_IMAGES, "2026-10-29"), ("openai", "gpt-image-1"), image_out(272), "0.01088").stated("0.011"),
    Example::of((OPENAI_IMAGES, "2026-10-29"), ("openai", "gpt-image-1"), image_out(1_056), "0.04224").stated("0.042"),
];

const GEMINI_PAGE: (&str, &str) = (GEMINI, "2026-08-18");
const FLASH: (&str, &str) = ("gemini", "gemini-2.5-flash");
const PRO: (&str, &str) = ("gemini", "gemini-2.5-pro");
const FLASH_IMAGE: (&str, &str) = ("gemini", "gemini-3.1-flash-image");
const PRO_IMAGE: (&str, &str) = ("gemini", "gemini-3-pro-image");

#[rustfmt::skip]
const GOOGLE: &[Example] = &[
    // "1290 tokens and are equivalent to $0.039", at $30.
    Example::of(GEMINI_PAGE, ("gemini", "gemini-2.5-flash-image"), image_out(1_290), "0.0387").stated("0.039"),
    // $120: 1K and 2K are 1,120 tokens, 4K are 2,000; an image that goes in is 560 of $2.
    Example::of(GEMINI_PAGE, PRO_IMAGE, image_out(1_120), "0.1344").stated("0.134"),
    Example::of(GEMINI_PAGE, PRO_IMAGE, image_out(2_000), "0.24").stated("0.24"),
    Example::of(GEMINI_PAGE, PRO_IMAGE, image_in(560), "0.00112").stated("0.0011"),
    Example::of(GEMINI_PAGE, PRO_IMAGE, image_out(1_120), "0.0672").tier(ServiceTier::Batch).stated("0.067"),
    Example::of(GEMINI_PAGE, PRO_IMAGE, image_in(560), "0.00056").tier(ServiceTier::Batch).stated("0.0006"),
    Example::of(GEMINI_PAGE, PRO_IMAGE, image_out(2_000), "0.12").tier(ServiceTier::Flex).stated("0.12"),
    Example::of(GEMINI_PAGE, PRO_IMAGE, image_out(1_000_000), "216").tier(ServiceTier::Priority).stated("216.00"),
    // $60: 0.5K is 747 tokens, 1K 1,120, 2K 1,680, 4K 2,520.
    Example::of(GEMINI_PAGE, FLASH_IMAGE, image_out(747), "0.04482").stated("0.045"),
    Example::of(GEMINI_PAGE, FLASH_IMAGE, image_out(1_120), "0.0672").stated("0.067"),
    Example::of(GEMINI_PAGE, FLASH_IMAGE, image_out(1_680), "0.1008").stated("0.101"),
    Example::of(GEMINI_PAGE, FLASH_IMAGE, image_out(2_520), "0.1512").stated("0.151"),
    // $30: 1K is 1,120 tokens.
    Example::of(GEMINI_PAGE, ("gemini", "gemini-3.1-flash-lite-image"), image_out(1_120), "0.0336").stated("0.0336"),
    // "Prompts <= 200k": 200,000 × $1.25 + 2,000 × $10. One more: 200,001 × $2.50 + 2,000 × $15.
    Example::of(GEMINI_PAGE, PRO, tokens(200_000, 2_000), "0.27"),
    Example::of(GEMINI_PAGE, PRO, tokens(200_001, 2_000), "0.5300025"),
    // Half in a batch, above 200k too: 300,000 × $1.25 + 4,000 × $7.50. And flex.
    Example::of(GEMINI_PAGE, PRO, tokens(300_000, 4_000), "0.405").tier(ServiceTier::Batch),
    Example::of(GEMINI_PAGE, PRO, tokens(300_000, 4_000), "0.405").tier(ServiceTier::Flex),
    // A minute of sound is 1,920 tokens: 100 × $0.30 + 1,920 × $1 + (200 + 300) × $2.50.
    Example::of(GEMINI_PAGE, FLASH,
        Quantities { audio_input: 1_920, reasoning: 300, ..tokens(100, 200) }, "0.0032"),
    // 100,000 × $0.15 + 10,000 × $0.50 + 2,000 × $1.25.
    Example::of(GEMINI_PAGE, FLASH, Quantities { audio_input: 10_000, ..tokens(100_000, 2_000) }, "0.0225")
        .tier(ServiceTier::Flex),
];

const ONE_CALL: Quantities = Quantities { requests: 1, ..NOTHING };
const SONAR_PRO: (&str, &str) = ("perplexity", "sonar-pro");

#[rustfmt::skip]
const OTHERS: &[Example] = &[
    // The answer in their documentation: 24 × $3 + 2,681 × $15 + $0.006, `search_context_size` low.
    Example::of((PERPLEXITY, "2026-11-21"), SONAR_PRO, Quantities { input: 24, output: 2_681, ..ONE_CALL }, "0.046287")
        .stated("0.04629"),
    // Thoughts have a price of their own here: 1,000 × $2 + 10,000 × $3 + 2,000 × $8.
    Example::of((PERPLEXITY, "2026-11-21"), ("perplexity", "sonar-deep-research"),
        Quantities { reasoning: 10_000, ..tokens(1_000, 2_000) }, "0.048"),
    // $2.00 for 1,000 searches.
    Example::of((COHERE, "2026-10-29"), ("cohere", "rerank-v3.5"), Quantities { requests: 1_000, ..NOTHING }, "2")
        .stated("2.00"),
    // 2K × $0.00015 + 1K × $0.0002 = $0.0005, a thousand each; the other 2K × $0.00045 + 1K × $0.0007 = $0.0016.
    Example::of((BEDROCK, "2026-10-29"), ("bedrock", "mistral.mistral-7b-instruct-v0:2"), tokens(2_000, 1_000), "0.0005")
        .stated("0.0005"),
    Example::of((BEDROCK, "2026-10-29"), ("bedrock", "mistral.mixtral-8x7b-instruct-v0:1"), tokens(2_000, 1_000), "0.0016")
        .stated("0.0016"),
    // A tenth more than elsewhere: "regional endpoints include a 10% premium over global endpoints".
    Example::of((ANTHROPIC, "2026-11-21"), ("bedrock", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
        tokens(1_000_000, 100_000), "1.65"),
    Example::of((ANTHROPIC, "2026-11-21"), ("bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0"),
        tokens(1_000_000, 100_000), "1.5"),
    // $0.111 an hour, which is no whole number of anything for a second.
    Example::of((GROQ, "2026-10-29"), ("groq", "whisper-large-v3"), Quantities { input_millis: 3_600_000, ..NOTHING },
        "0.1109999988").stated("0.111"),
];

const DEEPSEEK_PAGE: (&str, &str) = (DEEPSEEK, "2026-11-15");
const V4_PRO: (&str, &str) = ("deepseek", "deepseek-v4-pro");
/// 100,000 × $1.32 + 900,000 × $0.044 + 10,000 × $3.96 at peak hours.
const DEEP: Quantities = cached(100_000, 900_000, 10_000);
const PEAK: &str = "0.2112";
const OFF_PEAK: &str = "0.1056";

/// Peak hours are 01:00-04:00 and 06:00-10:00 UTC, Monday to Friday.
#[rustfmt::skip]
const HOURS: &[Example] = &[
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, PEAK).at("2026-11-16T02:00:00Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, OFF_PEAK).at("2026-11-16T12:00:00Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, OFF_PEAK).at("2026-11-16T00:59:59Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, PEAK).at("2026-11-16T01:00:00Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, PEAK).at("2026-11-16T03:59:59Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, OFF_PEAK).at("2026-11-16T04:00:00Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, PEAK).at("2026-11-20T09:59:59Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, OFF_PEAK).at("2026-11-20T23:59:59Z"),
    // Saturday and Sunday, at what would be peak hours.
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, OFF_PEAK).at("2026-11-21T02:00:00Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, OFF_PEAK).at("2026-11-22T07:00:00Z"),
    // UTC has no summer time: Friday before Europe's clocks go back, and Monday after.
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, PEAK).at("2026-10-23T01:00:00Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, PEAK).at("2026-10-26T01:00:00Z"),
    Example::of(DEEPSEEK_PAGE, V4_PRO, DEEP, OFF_PEAK).at("2026-10-26T00:59:59Z"),
];

fn at(time: &str) -> SystemTime {
    time.parse::<jiff::Timestamp>().unwrap().into()
}

fn price(provider: &str, model: &str) -> &'static Price {
    let found = Catalogue::builtin().find(provider, model);
    found.unwrap_or_else(|| panic!("no {provider}/{model}")).price.as_ref().expect("a price")
}

fn all() -> impl Iterator<Item = &'static Example> {
    [CLAUDE, GPT, GOOGLE, OTHERS, HOURS].into_iter().flatten()
}

#[test]
fn calls_cost_what_the_price_pages_say() {
    for example in all() {
        let terms = Terms { service: example.service, at: at(example.at) };
        let bill = price(example.provider, example.model).cost(&example.quantities, &terms).unwrap();
        assert_eq!(bill.total, example.usd.parse::<Decimal>().unwrap(), "{}", example.name());
    }
}

#[test]
fn the_pages_own_figures_are_the_exact_ones_rounded() {
    for example in all() {
        let Some(stated) = example.stated else { continue };
        let (exact, stated) = (example.usd.parse::<Decimal>().unwrap(), stated.parse::<Decimal>().unwrap());
        let rounded = exact.round_dp_with_strategy(stated.scale(), RoundingStrategy::MidpointAwayFromZero);
        assert_eq!(rounded, stated, "{}", example.name());
    }
    assert!(all().filter(|example| example.stated.is_some()).count() >= 15);
    assert!(all().count() >= 30);
}

#[test]
fn every_example_has_a_source_and_a_date() {
    for example in all() {
        assert!(example.source.starts_with("https://"), "{}", example.name());
        assert!(example.date.parse::<jiff::civil::Date>().is_ok(), "{}", example.name());
    }
}

/// No provider that we know of prices by local time, so the row is made up. In Berlin the clocks go back at 01:00 UTC on
/// 2026-10-25: there are two hours from 02:00 to 03:00 on that night, both of which are in the window.
#[test]
fn hours_of_a_place_follow_its_clocks() {
    let row = r#"{"id":"m","price":{"input":"1","off_peak":[{"zone":"Europe/Berlin","from":"02:00","to":"06:00","input":"0.5"}]},
        "source":"https://a.example","date":"2026-11-21"}"#
        .replace('\n', " ");
    let catalogue = Catalogue::read("p", &row).unwrap();
    let price = catalogue.find("p", "m").unwrap().price.as_ref().unwrap();
    for (time, usd) in [
        // Summer time: 02:00 is 00:00 UTC, and 06:00 is 04:00 UTC.
        ("2026-10-24T23:59:59Z", "1"),
        ("2026-10-25T00:00:00Z", "0.5"),
        ("2026-10-25T00:59:59Z", "0.5"),
        ("2026-10-25T01:00:00Z", "0.5"),
        // Winter time by now: 06:00 is 05:00 UTC.
        ("2026-10-25T04:30:00Z", "0.5"),
        ("2026-10-25T05:00:00Z", "1"),
        ("2026-10-26T00:30:00Z", "1"),
        ("2026-10-26T01:00:00Z", "0.5"),
        // The clocks go forward at 01:00 UTC: from 01:59:59 to 03:00:00, which is inside.
        ("2026-03-29T00:59:59Z", "1"),
        ("2026-03-29T01:00:00Z", "0.5"),
        ("2026-03-29T04:00:00Z", "1"),
    ] {
        let bill = price.cost(&tokens(1_000_000, 0), &Terms::standard(at(time))).unwrap();
        assert_eq!(bill.total, usd.parse::<Decimal>().unwrap(), "{time}");
    }
}

#[test]
fn what_has_no_price_is_an_error_and_never_free() {
    // It takes no sound: its page has no price for that.
    let call = Quantities { audio_input: 1, ..tokens(10, 10) };
    let error = price("openai", "gpt-4o").cost(&call, &Terms::standard(at(USUAL))).unwrap_err();
    assert_eq!(error.meter, Meter::AudioInput);
    // Known, at a price on which the sources disagree.
    let model = Catalogue::builtin().find("mistral", "mistral-large-latest").unwrap();
    assert!(model.price.is_none() && model.context_window.is_some());
    assert!(Catalogue::builtin().find("openai", "no-such-model").is_none());
}
