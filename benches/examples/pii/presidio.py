"""Runs the pattern recognizers of presidio-analyzer on exported texts: `python3 presidio.py FOLDER`.

Each FOLDER/NAME.jsonl gets a FOLDER/NAME.found.jsonl with a line for each text: [[entity, from, to, score], ...] in characters.

All predefined recognizers of the entities that both sides know are on, also those that are off by default, whatever
language they are for: each with its own context words. There is no trained model: a blank spaCy pipeline cuts the text
into words, and the lower-case word stands for its lemma, so that context words work. Names of people are left out.
"""

import inspect
import json
import pathlib
import sys

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, predefined_recognizers
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

ENTITIES = {
    "ABA_ROUTING_NUMBER": "us_routing_number", "AU_ABN": "au_abn", "AU_ACN": "au_acn", "AU_MEDICARE": "au_medicare",
    "AU_TFN": "au_tfn", "CA_POSTAL_CODE": "postcode", "CA_SIN": "ca_sin", "CREDIT_CARD": "credit_card",
    "CRYPTO": "crypto_address", "DE_FUEHRERSCHEIN": "driving_licence", "DE_ID_CARD": "de_id_card",
    "DE_KFZ": "vehicle_plate", "DE_PASSPORT": "passport", "DE_PLZ": "postcode", "DE_TAX_ID": "de_tax_id",
    "EMAIL_ADDRESS": "email", "ES_NIE": "es_nie", "ES_NIF": "es_nif", "ES_PASSPORT": "passport",
    "FI_PERSONAL_IDENTITY_CODE": "fi_hetu", "IBAN_CODE": "iban", "IN_AADHAAR": "in_aadhaar", "IN_GSTIN": "in_gstin",
    "IN_PAN": "in_pan", "IN_PASSPORT": "in_passport", "IN_VEHICLE_REGISTRATION": "vehicle_plate",
    "IP_ADDRESS": "ip_address", "IT_DRIVER_LICENSE": "driving_licence", "IT_FISCAL_CODE": "it_fiscal_code",
    "IT_PASSPORT": "passport", "IT_VAT_CODE": "it_vat", "KR_RRN": "kr_rrn", "MAC_ADDRESS": "mac_address",
    "PHONE_NUMBER": "phone", "PL_PESEL": "pl_pesel", "SE_PERSONNUMMER": "se_personnummer", "SG_NRIC_FIN": "sg_nric",
    "SG_UEN": "sg_uen", "UK_DRIVING_LICENCE": "uk_driving_licence", "UK_NHS": "uk_nhs", "UK_NINO": "uk_nino",
    "UK_PASSPORT": "uk_passport", "UK_POSTCODE": "postcode", "UK_VEHICLE_REGISTRATION": "vehicle_plate",
    "URL": "domain", "US_BANK_NUMBER": "us_bank_account", "US_DRIVER_LICENSE": "us_driving_licence",
    "US_ITIN": "us_itin", "US_PASSPORT": "us_passport", "US_SSN": "us_ssn",
}


class Words(NlpEngine):
    """Words and their places, in place of a model."""

    def load(self):
        self.pipeline = spacy.blank("en")

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        words = self.pipeline(text)
        lemmas = [word.lower_ for word in words]
        return NlpArtifacts(
            entities=[], tokens=words, tokens_indices=[word.idx for word in words], lemmas=lemmas, nlp_engine=self,
            language=language,
        )

    def process_batch(self, texts, language, **_):
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word, language):
        return self.pipeline.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.pipeline.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


def recognizers():
    for name, kind in inspect.getmembers(predefined_recognizers, inspect.isclass):
        if not issubclass(kind, EntityRecognizer) or "supported_language" not in inspect.signature(kind.__init__).parameters:
            continue
        try:
            one = kind(supported_language="en")
        except Exception:  # those that need a model or a service
            continue
        if set(one.supported_entities) & set(ENTITIES):
            yield name, one


def analyzer():
    registry = RecognizerRegistry(supported_languages=["en"])
    names = []
    for name, recognizer in recognizers():
        registry.add_recognizer(recognizer)
        names.append(name)
    words = Words()
    words.load()
    missing = set(ENTITIES) - {entity for one in registry.recognizers for entity in one.supported_entities}
    print(f"{len(names)} recognizers; missing: {sorted(missing)}", file=sys.stderr)
    return AnalyzerEngine(registry=registry, nlp_engine=words, supported_languages=["en"])


def findings(engine, case):
    """What is found; where a recognizer fails by an error of its own, what all others find."""
    context = [case["member"].replace("_", " ")] if case["member"] else None
    options = {"text": case["text"], "language": "en", "context": context}
    wanted = [entity for entity, ours in ENTITIES.items() if case["about"] in ("", ours)]
    try:
        return engine.analyze(entities=wanted, **options)
    except Exception:
        found = []
        for entity in wanted:
            try:
                found += engine.analyze(entities=[entity], **options)
            except Exception as error:
                print(f"{entity}: {error!r} in {case['text']!r}", file=sys.stderr)
        return found


def main(folder):
    engine = analyzer()
    for file in sorted(folder.glob("*.jsonl")):
        if file.name.endswith(".found.jsonl"):
            continue
        with open(file.with_suffix(".found.jsonl"), "w") as out:
            for line in file.read_text().split("\n"):
                found = findings(engine, json.loads(line)) if line else []
                rows = [[ENTITIES[one.entity_type], one.start, one.end, one.score] for one in found]
                out.write(json.dumps(rows) + "\n" if line else "")


main(pathlib.Path(sys.argv[1]))
