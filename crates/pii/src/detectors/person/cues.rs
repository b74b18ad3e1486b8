//! What stands before names, in lower case, by language; and what does not belong to any.

#[rustfmt::skip]
pub(super) const TITLES: &[&str] = &[
    "mr. ", "mr ", "mrs. ", "mrs ", "ms. ", "ms ", "miss ", "mister ", "dr. ", "dr ", "prof. ", "prof ", "professor ",
    "doctor ", "sir ", "madam ",
    "rev. ", "reverend ", "capt. ", "captain ", "sgt. ", "judge ", "senator ", "nurse ", "uncle ", "aunt ",
    "herr ", "herrn ", "frau ", "monsieur ", "madame ", "mademoiselle ", "mme ", "mlle ", "m. ", "señor ", "señora ",
    "señorita ", "sr. ", "sra. ",
    "srta. ", "don ", "doña ", "signor ", "signora ", "sig. ", "sig.ra ", "dott. ", "dott.ssa ", "avv. ", "senhor ",
    "senhora ", "dhr. ",
    "mevrouw ", "mevr. ", "meneer ", "pan ", "pani ", "господин ", "госпожа ",
];

#[rustfmt::skip]
pub(super) const INTRODUCTIONS: &[&str] = &[
    "my name is", "my name's", "my full name is", "name is", "the name's", "i am", "i'm", "i’m", "this is", "call me",
    "they call me",
    "i am called", "goes by", "known as", "signed by", "his name is", "her name is", "their name is", "named", "called",
    "mein name ist", "name lautet", "mein name:", "ich heiße", "ich heisse", "ich bin", "er heißt", "sie heißt",
    "namens",
    "je m'appelle", "je m’appelle", "je suis", "mon nom est", "il s'appelle", "elle s'appelle", "nommé", "nommée",
    "me llamo", "mi nombre es", "se llama", "soy", "mi chiamo", "il mio nome è", "sono", "si chiama",
    "meu nome é", "me chamo", "chamo-me", "o meu nome é", "mijn naam is", "ik heet", "ik ben", "jag heter",
    "mitt namn är", "jeg heter",
    "jeg hedder", "nimeni on", "nazywam się", "mam na imię", "jmenuji se", "benim adım", "adım", "меня зовут", "我叫",
    "我的名字是", "私の名前は",
    "제 이름은",
];

/// Those of them that much else may follow.
#[rustfmt::skip]
pub(super) const INTRODUCTIONS_WEAK: &[&str] = &[
    "name is", "i am", "i'm", "i’m", "this is", "call me", "goes by", "known as", "named", "called", "ich bin",
    "je suis", "soy", "sono", "ik ben",
    "namens", "adım",
];

#[rustfmt::skip]
pub(super) const GREETINGS: &[&str] = &[
    "dear ", "hi ", "hello ", "hey ", "good morning ", "good afternoon ", "good evening ", "morning ", "welcome ",
    "hallo ", "liebe ", "lieber ",
    "guten tag ", "guten morgen ", "moin ", "servus ", "cher ", "chère ", "bonjour ", "bonsoir ", "salut ", "hola ",
    "querido ", "querida ",
    "estimado ", "estimada ", "buenos días ", "ciao ", "caro ", "cara ", "gentile ", "egregio ", "buongiorno ", "olá ",
    "prezado ", "prezada ",
    "caro ", "beste ", "hoi ", "hej ", "kära ", "kære ", "cześć ", "hi, ", "hello, ", "thanks ", "thank you ",
    "thanks, ", "danke ", "merci ",
    "gracias ", "grazie ", "obrigado ",
];

#[rustfmt::skip]
pub(super) const CLOSINGS: &[&str] = &[
    "regards", "sincerely", "yours truly", "faithfully", "best wishes", "all the best", "warmly", "cheers",
    "many thanks", "cordially",
    "respectfully", "yours", "best,", "thanks,", "thank you,", "love,", "signed,", "\n-- \n", "\n--\n",
    "freundlichen grüßen", "freundlichem gruß",
    "freundlichen gruessen", "viele grüße", "beste grüße", "liebe grüße", "hochachtungsvoll", "mfg\n", "grüße,",
    "gruß,", "cordialement",
    "bien à vous", "amicalement", "salutations", "saludos", "atentamente", "un abrazo", "cordiali saluti",
    "distinti saluti", "saluti",
    "atenciosamente", "abraços", "vriendelijke groet", "vriendelijke groeten", "groeten", "vänliga hälsningar",
    "hälsningar", "med venlig hilsen",
    "pozdrawiam", "с уважением",
];

#[rustfmt::skip]
pub(super) const ROLES: &[&str] = &[
    "contact", "customer", "client", "patient", "employee", "passenger", "tenant", "applicant", "candidate", "student",
    "account holder",
    "cardholder", "beneficiary", "recipient", "c/o ", "spoke with", "spoke to", "met with", "meeting with", "talk to",
    "talked to", "speak to",
    "speak with", "ask for", "assigned to", "reported by", "created by", "written by", "on behalf of", "my colleague",
    "my friend", "my wife",
    "my husband", "my boss", "my manager", "my brother", "my sister", "my mother", "my father", "my son", "my daughter",
    "my doctor",
    "customer name", "client name", "patient name", "full name", "ansprechpartner", "ansprechpartnerin", "kunde",
    "kundin", "mitarbeiter", "mitarbeiterin", "z. hd.", "cliente", "paciente", "paziente", "klant",
];

/// The same before a colon.
#[rustfmt::skip]
pub(super) const LABELS: &[&str] = &[
    "name", "full name", "first name", "last name", "surname", "author", "from", "attn", "attn.", "attention", "signed",
    "signature", "sender",
    "contact person", "contact name", "manager", "director", "ceo", "vorname", "nachname", "kontakt", "unterschrift",
    "prénom", "nombre", "apellido",
    "contacto", "nome", "cognome", "contatto", "naam", "namn", "nazwisko", "фамилия", "姓名", "氏名", "이름",
];

/// Those of them that a name may follow without any sign between.
pub(super) const LABELS_SAID: &[&str] =
    &["name", "full name", "first name", "last name", "surname", "nachname", "vorname", "nombre", "nome", "naam"];

#[rustfmt::skip]
pub(super) const MEMBERS: &[&str] = &[
    "firstname", "lastname", "fullname", "middlename", "givenname", "givennames", "familyname", "surname", "maidenname",
    "nickname",
    "personname", "customername", "clientname", "patientname", "employeename", "contactname", "contactperson",
    "cardholder", "cardholdername",
    "nameoncard", "accountholder", "accountholdername", "accountname", "holdername", "recipientname", "sendername",
    "ownername", "guestname",
    "passengername", "studentname", "applicantname", "buyername", "sellername", "payername", "payeename",
    "beneficiaryname", "authorname",
    "billingname", "shippingname", "legalname", "realname", "mothersname", "fathersname", "mothersmaidenname",
    "spousename", "doctorname",
    "physicianname", "firstnames", "fname", "lname", "forename", "vorname", "nachname", "familienname", "geburtsname",
    "ansprechpartner",
    "prenom", "prénom", "nomdefamille", "apellido", "apellidos", "nombrecompleto", "cognome", "nomecompleto",
    "sobrenome", "voornaam",
    "achternaam", "fornamn", "förnamn", "efternamn", "imie", "imię", "nazwisko",
];

/// Those whose text may name something else.
#[rustfmt::skip]
pub(super) const MEMBERS_WEAK: &[&str] = &[
    "name", "user", "displayname", "author", "contact", "owner", "assignee", "reporter", "recipient", "sender",
    "customer", "client", "patient",
    "employee", "manager", "person", "attendee", "attendees", "participants", "participant", "signedby", "createdby",
    "requestedby", "doctor",
    "physician", "agent", "candidate", "applicant", "from", "to", "cc", "nom", "nombre", "nome", "naam", "speaker",
    "host", "guest", "by",
    "cardname", "username",
];

pub(super) const PARTICLES: &[&str] = &[
    "van", "von", "de", "der", "den", "di", "da", "del", "della", "dei", "dos", "das", "do", "du", "des", "la", "le",
    "al", "el", "bin", "ibn", "ben", "bint", "ter", "ten", "zu", "zum", "zur", "y", "e", "af", "av", "het", "'t", "st",
    "san", "santa", "los", "las", "op",
];

/// Words that begin with capital letters, or stand where names do, and are none.
#[rustfmt::skip]
pub(super) const NO_NAMES: &[&str] = &[
    // Pronouns, articles, and what sentences go on with.
    "i", "you", "he", "she", "it", "we", "they", "me", "us", "the", "a", "an", "this", "that", "these", "those",
    "there", "here", "my", "your",
    "our", "his", "her", "their", "its", "and", "or", "but", "so", "if", "when", "where", "what", "who", "why", "how",
    "not", "no", "yes", "as",
    "at", "by", "for", "from", "in", "of", "on", "to", "with", "about", "also", "just", "still", "now", "then", "very",
    "really", "too", "is",
    "are", "was", "were", "be", "been", "am", "will", "can", "could", "would", "should", "please", "thanks", "thank",
    "sorry", "sure", "ok", "okay",
    "glad", "happy", "sad", "interested", "looking", "writing", "trying", "going", "using", "working", "having",
    "getting", "unable", "able",
    "new", "old", "good", "great", "fine", "well", "ready", "done", "afraid", "aware", "currently", "unknown", "none",
    "null", "nil", "n/a",
    "undefined", "anonymous", "test", "example", "sample", "default", "admin", "administrator", "root", "system",
    "guest", "bot", "true", "false",
    // Who is greeted without a name.
    "all", "everyone", "everybody", "team", "folks", "guys", "friend", "friends", "colleague", "colleagues", "sir",
    "sirs", "madam", "mr", "mrs",
    "ms", "dr", "prof", "customer", "customers", "client", "user", "users", "member", "members", "support", "service",
    "services", "sales", "hr",
    "hiring", "manager", "committee", "department", "office", "company", "group", "gracias", "grazie", "danke", "merci",
    "obrigado", "world", "welt", "mundo", "monde", "file", "again", "back", "santa", "diary", "reader", "readers",
    "students", "parents", "president", "minister", "chairman", "doctor", "professor", "judge", "officer", "assistant",
    "claude", "chatgpt", "gpt",
    "gemini", "copilot", "siri", "alexa", "damen", "herren", "herr", "frau", "kollegen", "kolleginnen", "zusammen",
    "leute", "kunde", "kunden",
    "monsieur", "madame", "tous", "toutes", "client", "todos", "todas", "señor", "señora", "cliente", "tutti",
    "signore", "signora",
    // Days, months, nations, languages.
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
    "april", "june", "july",
    "august", "september", "october", "november", "december", "today", "tomorrow", "american", "british", "english",
    "german", "french", "spanish",
    "italian", "dutch", "chinese", "japanese", "korean", "indian", "russian", "polish", "portuguese", "swedish",
    "canadian", "australian",
    "deutscher", "deutsche", "christian", "muslim", "jewish", "catholic", "european", "asian", "african", "mexican",
    "irish", "scottish",
    // Companies and things.
    "inc", "ltd", "llc", "gmbh", "corp", "corporation", "university", "college", "hospital", "bank", "street", "avenue",
    "road", "api", "json",
    "http", "https", "url", "id", "app", "server", "database", "error", "warning", "info", "debug", "version", "email",
    "phone", "address", "number",
    "name", "date", "page", "section", "chapter", "table", "figure", "list", "type", "value", "important", "note",
    "details", "information",
    "best", "kind", "warm", "regards", "sincerely", "sent", "subject", "re", "fwd", "cc", "bcc", "only", "because",
    "since", "though", "although",
    "however", "ich", "sie", "wir", "ihr", "der", "die", "das", "ein", "eine", "und", "oder", "aber", "nicht", "auch",
    "noch", "hier", "je", "vous",
    "nous", "une", "les", "pas", "pour", "avec", "una", "uno", "los", "las", "muy", "con", "para", "por", "non", "che",
    "per",
];
