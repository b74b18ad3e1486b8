use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

use super::*;

/// Prompts made up for this test: 32 that a small model answers well and 32 that call for a large one. The weights were
/// set by those with an even number alone.
const EASY: [&str; 32] = [
    "Hi",
    "Thanks, that helped!",
    "What is the capital of Australia?",
    "Translate to German: Where is the train station?",
    "Classify the sentiment of this review as positive or negative: The battery died after a day.",
    "Summarize in one sentence: The meeting was moved from Tuesday to Thursday because the room was booked.",
    "Fix the typo: I recieved your mail yesterday.",
    "List five colours.",
    "Convert 5 miles to kilometres.",
    "Extract the email address: write to ana@example.com by Friday.",
    "What time is it in Tokyo when it is noon in London?",
    "Give me a synonym for happy.",
    "Übersetze ins Englische: Ich hätte gern einen Kaffee.",
    "Hallo, wie geht es dir?",
    "Wie heißt die Hauptstadt von Kanada?",
    "Fasse zusammen: Der Zug fällt heute wegen einer Störung aus.",
    "Traduis en anglais : je suis en retard.",
    "Bonjour, quel jour sommes-nous ?",
    "Résume cette phrase : le magasin sera fermé lundi.",
    "Traduce al inglés: ¿dónde está la biblioteca?",
    "Hola, ¿qué tal?",
    "¿Cuál es la capital de Perú?",
    "Traduza para o inglês: bom dia.",
    "Qual è la capitale d'Italia?",
    "Привет! Как дела?",
    "Переведи на английский: я люблю читать.",
    "你好",
    "把这句话翻译成英文：我明天去北京。",
    "日本の首都はどこですか？",
    "次の文を英語に翻訳してください：今日は寒いです。",
    "안녕하세요",
    "Is the word 'banana' a fruit? Answer yes or no.",
];

const HARD: [&str; 32] = [
    "Prove that the square root of 2 is irrational, then generalize the proof to all non-square integers.",
    "Design a rate limiter for a distributed system that must stay exact when a replica fails, and compare it with a token bucket in Redis.",
    "Refactor this module so that it no longer deadlocks:\n```rust\nfn transfer(a: &Mutex<i64>, b: &Mutex<i64>) {\n    let x = a.lock();\n    let y = b.lock();\n}\n```\nExplain why it deadlocks.",
    "Analyze the trade-offs between optimistic and pessimistic locking for an inventory service with 10,000 orders a minute.",
    "Derive the closed form of the Fibonacci sequence with generating functions.",
    "Debug this SQL query, it returns duplicates:\nSELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.cid JOIN tags t ON t.oid = o.id;\nThen optimize it for a table of 200 million rows.",
    "Evaluate ∫ x² e^x dx step by step and verify the result by differentiation.",
    "Write a parser for arithmetic expressions in Python that must support precedence, parentheses and unary minus, without using eval. Include tests.",
    "Compare the monetary policy of the ECB and the Fed from 2008 to 2023 and assess how each affected unemployment.",
    "Plan the migration of a monolith with 40 modules to services:\n1. find the seams\n2. order the steps by risk\n3. estimate the effort\n4. say how to roll back",
    "Implement a lock-free queue in C++ and argue why it is linearizable.",
    "Diagnose: our p99 latency doubled after we enabled HTTP/2, CPU is flat, connections dropped by 90%. What hypotheses would you test, in which order, and why?",
    "Find all real solutions of x^4 - 5x^2 + 4 = 0 and prove that there are no others.",
    "Critique the argument that free will is incompatible with determinism, then formulate the strongest reply a compatibilist should give.",
    "Simulate a queue with two servers in Python, then analyze how the waiting time depends on the load. It must run without external libraries.",
    "Given the following contract clauses, evaluate which are enforceable under German law, justify each answer and propose a redraft that avoids the risks.",
    "Beweise, dass es unendlich viele Primzahlen gibt, und erkläre, warum der Beweis nicht für Primzahlzwillinge funktioniert.",
    "Entwirf eine Architektur für ein System, das ohne Ausfallzeit migriert werden muss, und vergleiche mindestens zwei Varianten.",
    "Analysiere die Ursachen der Inflation seit 2021 und vergleiche die Reaktion der Zentralbanken.",
    "Démontre que la suite définie par u(n+1) = √(2 + u(n)) converge, puis calcule sa limite.",
    "Conçois une base de données pour un hôpital, justifie chaque choix et compare avec une approche orientée documents.",
    "Diseña un algoritmo para repartir pedidos entre almacenes, demuestra su complejidad y compara con una solución voraz.",
    "Analiza las causas de la crisis de 2008 y evalúa las medidas de los bancos centrales, sin omitir los efectos secundarios.",
    "Projete uma arquitetura para processar um milhão de eventos por segundo e compare os custos de três alternativas.",
    "Dimostra il teorema di Pitagora in due modi diversi e confronta le dimostrazioni.",
    "Докажи, что множество простых чисел бесконечно, и проанализируй, где используется основная теорема арифметики.",
    "Спроектируй систему кэширования для нескольких регионов, сравни стратегии вытеснения и объясни, почему выбрана каждая.",
    "请证明根号二是无理数，并分析这个证明为什么不能直接推广到所有实数。",
    "设计一个分布式锁服务，必须考虑网络分区，比较三种实现并分析各自的缺点。",
    "二分探索木とハッシュ表を比較し、最悪計算量を分析してください。ただし、メモリ制約も考慮すること。",
    "마이크로서비스 아키텍처를 설계하고 단일 서비스와 비교 분석하세요. 반드시 장애 상황을 고려하세요.",
    "Implement Dijkstra's algorithm in Go, explain why it fails with negative edges, and adapt it so that it ensures termination.",
];

fn features_of(text: &str) -> Features {
    let body = serde_json::json!({"messages": [{"role": "user", "content": text}]}).to_string();
    features(Operation::ChatCompletion, &Object::parse(body).expect("an object"))
}

/// How many of the prompts whose number leaves this rest are on the right side of a half.
fn right(rest: usize) -> (usize, usize) {
    let weights = Weights::default();
    let (mut right, mut all) = (0, 0);
    for (prompts, is_hard) in [(EASY, false), (HARD, true)] {
        for (_, prompt) in prompts.iter().enumerate().filter(|(number, _)| number % 2 == rest) {
            let features = features_of(prompt);
            let score = score(&features, &weights);
            all += 1;
            right += usize::from((score > 0.5) == is_hard);
            if (score > 0.5) != is_hard {
                println!("{score:.2} {prompt}\n    {features:?}");
            }
        }
    }
    (right, all)
}

#[test]
fn easy_and_hard_prompts_are_told_apart() {
    let ((seen, of_seen), (unseen, of_unseen)) = (right(0), right(1));
    println!("set on: {seen} of {of_seen}; not: {unseen} of {of_unseen}");
    assert!(seen * 100 >= of_seen * 90, "{seen} of {of_seen}");
    assert!(unseen * 100 >= of_unseen * 85, "{unseen} of {of_unseen}");
}

#[test]
fn conversations_with_tools_are_harder_than_their_last_message() {
    let last = features_of("And in Berlin?");
    let messages: Vec<_> =
        (0..20).map(|_| serde_json::json!({"role": "user", "content": "And in Paris? ".repeat(50)})).collect();
    let mut body = serde_json::json!({"messages": messages, "tools": [{}, {}, {}, {}, {}, {}, {}]});
    body["messages"][19]["content"] = "And in Berlin?".into();
    let long = features(Operation::ChatCompletion, &Object::parse(body.to_string()).expect("an object"));
    assert_eq!((long.turns, long.tools, long.ask_tokens), (20, 7, last.ask_tokens));
    let weights = Weights::default();
    assert!(score(&long, &weights) > score(&last, &weights) + 0.1);
}

#[test]
fn weights_are_settable() {
    let features = features_of("Prove it");
    let none = Weights { hard_task: 0.0, ..Weights::default() };
    assert!(score(&features, &none) < score(&features, &Weights::default()));
    assert_eq!(score(&features, &Weights { bias: f32::NAN, ..none }), 0.5);
    assert_eq!(score(&features, &Weights { bias: f32::INFINITY, ..none }), 1.0);
}

#[test]
fn hostile_bodies_have_a_score() {
    let long = "prove ".repeat(1 << 20);
    for body in [
        "{}".to_owned(),
        r#"{"messages":[[[]],7,null,{"role":"user","content":{"text":[]}}],"tools":"x"}"#.to_owned(),
        format!(r#"{{"messages":[{{"role":"user","content":"{long}"}}]}}"#),
        format!(r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#, r"\ud800".repeat(1 << 18)),
        format!(r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#, "```\\n".repeat(1 << 18)),
        format!(r#"{{"messages":[{}7]}}"#, r#"{"role":"user","content":"a"},"#.repeat(1 << 16)),
    ] {
        let object = Object::parse(body).expect("an object");
        for operation in [Operation::ChatCompletion, Operation::Message, Operation::Response, Operation::Completion] {
            let score = score(&features(operation, &object), &Weights::default());
            assert!((0.0..=1.0).contains(&score), "{score}");
        }
    }
}

#[test]
fn closures_classify() {
    fn takes(classify: impl Classify) -> Option<f32> {
        let (head, ()) = http::Request::new(()).into_parts();
        let object = Object::parse("{}").expect("an object");
        let mut future = classify.classify(&head, Operation::ChatCompletion, &object);
        match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
            std::task::Poll::Ready(score) => score,
            std::task::Poll::Pending => panic!("it had nothing to wait for"),
        }
    }
    let score = takes(|_: &http::request::Parts, _: Operation, object: &Object| {
        let members = object.member_count();
        async move { (members == 0).then_some(0.25) }
    });
    assert_eq!(score, Some(0.25));
}
