//! English. What is on no list counts as it is, so a list is only as long as it is certain.

use super::{Asked, Lists};

pub(super) const ENGLISH: Lists = Lists {
    nothing: "be, been, being, am, and, please, kindly, just, simply, actually, really, basically, located, \
        situated, exactly, able to",
    dummies: "it, there",
    articles: "a, an, the",
    openings: "hi, hello, hey, thanks, thank you, so, then, well, ok, okay, calculate, compute, explain, \
        describe, define, tell, show, give, tell me, show me, give me, help me, can you help me, could you \
        help me, please help me, explain to me, describe to me, can you please, could you please, would you please, \
        will you please, can you tell me, could you tell me, would you tell me, can you please tell me, could you \
        please tell me, can you give me, could you give me, can you show me, could you show me, can you explain, \
        could you explain, can you describe, could you describe, can you please explain, could you please explain, \
        can you explain to me, could you explain to me, please tell me, please \
        explain, do you know, do you happen to know, does anyone know, does anybody know, i want to \
        know, i would like to know, i need to know, i wonder, i was wondering, let me know, i have a question, quick \
        question, i am trying to find out, i am curious, tell me about, can you tell me about, the definition of, definition of, the meaning of, meaning of, what exactly, \
        explain the concept of, the concept of",
    askers: "i, we, my, our",
    asks: &[
        (Asked::What, "what, which, whats"),
        (Asked::Who, "who, which person"),
        (Asked::When, "when, at what time, what time, on what date, what date"),
        (Asked::Where, "where, in what place, in which place"),
        (Asked::Why, "why, how come, what is the reason, what are the reasons, for what reason, for which reason"),
        (
            Asked::How,
            "how, how to, how do i, how can i, how could i, how should i, how would i, how do we, how can we, \
                how does one, how can one, how would one, how do you, how can you, how would you, what is the \
                way to, what is a way to, what are the steps to, what are some ways to, what are ways to, what \
                should i do to, what do i need to do to, what do i do to, ways to, a way to, the way to, steps \
                to, the steps to, is there a way to, is there any way to, is there an easy way to, i want to \
                know how to, i need to know how to, i would like to know how to, i need help with how to, what \
                is the process to, what is the procedure to, in what way, in which way, show me how to, tell me \
                how to, explain how to, can you show me how to, could you show me how to, can you tell me how \
                to, could you tell me how to, can you explain how to, could you explain how to",
        ),
        (
            Asked::List,
            "list, can you list, could you list, please list, give me a list of, a list of, list of, name the",
        ),
        (Asked::HowMany, "how many, how much, what number of, what is the number of, the number of"),
    ],
    helpers: &[
        (Asked::IsIt, false, "is, are"),
        (Asked::IsIt, true, "was, were"),
        (Asked::DoesIt, false, "do, does"),
        (Asked::DoesIt, true, "did"),
        (Asked::HasIt, false, "has, have"),
        (Asked::HasIt, true, "had"),
        (Asked::CanIt, false, "can, may, is it possible to, is it possible for, am i allowed to, am i able to"),
        (Asked::CanIt, true, "could, might"),
        (Asked::ShouldIt, false, "should, ought"),
        (Asked::MustIt, false, "must"),
        (Asked::WillIt, false, "will"),
        (Asked::WillIt, true, "would"),
    ],
    not: "not, no, without, with no",
    of: "of",
    numbers: "zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, \
        fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, thirty, forty/fourty, fifty, sixty, \
        seventy, eighty, ninety, hundred",
    ordinals: "first/firstly, second/secondly, third/thirdly, fourth, fifth, sixth, seventh, eighth, ninth, tenth",
    same: &[
        "create,make,build,creating,making,building,construct",
        "created,made,built,constructed",
        "delete,remove,erase,deleting,removing",
        "fix,repair,solve,resolve,troubleshoot,fixing,solving,resolving",
        "buy,purchase,buying,purchasing",
        "start,begin,commence,starting,beginning",
        "started,began,begun,commenced",
        "stop,halt,stopping",
        "choose,select,choosing,selecting",
        "change,modify,alter,changing,modifying",
        "cancel,terminate,cancelling,canceling,terminating",
        "find,locate,finding,locating",
        "get,obtain,acquire,getting,obtaining",
        "use,utilize,utilise,using,usage",
        "enable,activate,turn on,switch on,enabling,activating",
        "disable,deactivate,turn off,switch off,disabling,deactivating",
        "log in,login,sign in,signin,log into,sign into,logging in,signing in",
        "log out,logout,sign out,signout,log off,sign off",
        "sign up,signup,register",
        "install,installing",
        "set up,setup",
        "convert,converting",
        "learn,learning",
        "write,writing",
        "run,running,execute",
        "large,big",
        "larger,bigger",
        "largest,biggest",
        "a few",
        "a little",
        "small,little",
        "smallest,littlest",
        "fast,quick,quickly,rapid,rapidly",
        "fastest,quickest",
        "easy,simple",
        "easiest,simplest",
        "problem,trouble",
        "price,cost",
        "car,automobile",
        "phone,telephone",
        "movie,film",
        "job,occupation",
        "child,kid,children",
        "man,men",
        "woman,women",
        "person,people",
        "doctor,physician",
        "illness,sickness",
        "medicine,medication",
        "picture,image,photo,photograph",
        "advantage,benefit,pro",
        "disadvantage,drawback,downside,con",
        "difference,distinction",
        "author,writer",
        "country,nation",
        "company,firm",
        "happen,occur,take place",
        "happened,occurred,took place",
        "employee,worker",
        "nearest,closest",
        "approximately,roughly",
        "also,as well",
        "maximum,max",
        "minimum,min",
        "versus,vs,v.s",
        "have to,has to",
    ],
    names: &[
        "united states,usa,u.s,u.s.a,united states of america",
        "united kingdom,uk,u.k",
        "new york city,nyc",
        "artificial intelligence,ai",
        "machine learning,ml",
        "javascript,js",
        "typescript,ts",
        "postgres,postgresql",
        "kubernetes,k8s",
    ],
    measures: &[
        ("how tall, how high", "height"),
        ("how old", "age"),
        ("how deep", "depth"),
        ("how heavy", "weight"),
        ("how wide", "width"),
    ],
};

/// Where words themselves are the matter.
pub(super) const OF_WORDS: &str = "difference differences distinction between vs versus compare compared \
    comparing comparison word words mean means meaning meant spell spelled spelt spelling grammar grammatically \
    grammatical sentence preposition pronoun article verb noun adjective adverb translate translation translated \
    say said saying pronounce pronounced synonym synonyms antonym antonyms abbreviation acronym phrase letter \
    letters rhyme rhymes called keyword plural conjugate etymology unterschied zwischen wort wörter bedeutet \
    heisst différence entre mot mots signifie dit diferencia palabra palabras significa dice diferença palavra \
    palavras diz differenza tra parola parole dice verschil tussen woord woorden betekent zeg";

/// Only what means nothing else in small letters.
pub(super) const NAMES: &str = "afghanistan africa albania algeria america american andorra angola antarctica \
    argentina armenia asia asian australia australian austria austrian azerbaijan bahrain bangladesh belarus \
    belgium belgian bolivia bosnia botswana brazil brazilian britain british bulgaria cambodia cameroon canada \
    canadian chinese colombia croatia cuba cyprus czech denmark danish ecuador egypt egyptian england english \
    estonia ethiopia europe european finland finnish france french georgia german germany ghana greece greek \
    guatemala haiti honduras hungary hungarian iceland india indian indonesia iran iraq ireland irish israel \
    italy italian jamaica japan japanese jordan kazakhstan kenya korea korean kuwait laos latvia latin lebanon \
    libya lithuania luxembourg malaysia malta mexico mexican moldova monaco mongolia morocco mozambique nepal \
    netherlands nicaragua nigeria norway norwegian oman pakistan palestine panama paraguay peru philippines \
    poland portugal portuguese qatar romania romanian russia russian rwanda scotland serbia singapore slovakia \
    slovenia somalia spain spanish sudan sweden swedish switzerland swiss syria taiwan tanzania thailand tunisia \
    turkish uganda ukraine ukrainian uruguay uzbekistan venezuela vietnam vietnamese wales yemen zambia zimbabwe \
    amsterdam athens baghdad bangkok barcelona beijing berlin bogota boston brussels budapest cairo chicago \
    copenhagen dallas delhi denver dubai dublin edinburgh florence frankfurt geneva hamburg helsinki houston \
    istanbul jakarta jerusalem kyiv kyoto lisbon london madrid manila marseille melbourne miami milan montreal \
    moscow mumbai munich naples nairobi osaka oslo ottawa paris philadelphia prague rome seattle seoul shanghai \
    stockholm sydney tehran tokyo toronto vancouver venice vienna warsaw washington zurich york angeles \
    francisco diego vegas california texas florida everest amazon atlantic pacific mediterranean himalayas alps \
    sahara january february april june july august september october november december monday tuesday wednesday \
    thursday friday saturday sunday christmas easter halloween thanksgiving ramadan hanukkah diwali python java \
    javascript typescript golang kotlin scala haskell erlang elixir clojure perl php lua matlab julia \
    fortran cobol pascal html css sql json xml yaml toml csv pdf bash powershell linux ubuntu debian fedora \
    centos macos android ios iphone ipad macbook postgres postgresql mysql mariadb sqlite mongodb redis \
    cassandra elasticsearch kafka rabbitmq nginx apache docker kubernetes k8s terraform ansible jenkins git \
    github gitlab bitbucket aws azure gcp reactjs vue svelte nextjs django fastapi \
    numpy pandas pytorch tensorflow laravel jquery nodejs npm webpack graphql grpc http https \
    tcp udp dns api cpu gpu ssd hdd usb ssh ssl tls ftp vpn wifi bluetooth google microsoft facebook \
    instagram twitter youtube netflix spotify whatsapp telegram tiktok linkedin reddit wikipedia tesla nvidia \
    intel samsung toyota bitcoin ethereum openai chatgpt claude gemini llama powerpoint gmail \
    photoshop firefox tcp/ip shakespeare einstein newton beethoven mozart bach napoleon \
    hitler stalin lincoln obama trump biden hamlet macbeth buddha islam muslim christian christianity judaism \
    jewish hindu hinduism buddhism buddhist bible quran mars venus jupiter saturn uranus neptune pluto earth \
    moon sun french-speaking covid covid-19 hiv aids dna rna nasa nato fifa unesco";

/// Behind a number, as they are spelled there: capitals tell `Mb` from `MB`.
pub(super) const UNITS: &[&str] = &[
    "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes",
    "g gram grams gramme grammes",
    "mg milligram milligrams",
    "lb lbs",
    "oz ounce ounces",
    "km kilometer kilometers kilometre kilometres",
    "m meter meters metre metres",
    "cm centimeter centimeters centimetre centimetres",
    "mm millimeter millimeters millimetre millimetres",
    "mi mile miles",
    "ft foot feet",
    "inch inches",
    "yd yard yards",
    "l L liter liters litre litres",
    "ml mL milliliter milliliters millilitre millilitres",
    "% percent pct percents",
    "h hr hrs hour hours",
    "min mins minute minutes",
    "s sec secs second seconds",
    "ms millisecond milliseconds",
    "day days",
    "week weeks",
    "month months",
    "year years yr yrs",
    "$ dollar dollars bucks",
    "€ euro euros EUR",
    "¥ yen JPY",
    "₹ rupee rupees INR",
    "am a.m AM",
    "pm p.m PM",
];
