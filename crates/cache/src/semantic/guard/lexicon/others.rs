//! What is certain of six other languages: articles and the like, what asks, what denies, and numbers.

use super::{Asked, Lists};

pub(super) const GERMAN: Lists = Lists {
    nothing: "bitte, und, denn, mal, eigentlich",
    dummies: "es",
    articles: "die, das, ein, eine",
    openings: "hallo, danke, sag mir, sagen sie mir, kannst du mir sagen, können sie mir sagen, erkläre, erkläre \
        mir, erklär mir, erklären sie, erklären sie mir, kannst du mir erklären, können sie mir erklären, weisst \
        du, wissen sie, nenne, nenne mir, ich möchte wissen, ich würde gerne wissen",
    askers: "ich, wir, man, mein, meine, meinen, meinem, meiner, unser, unsere",
    asks: &[
        (Asked::What, "was, welche, welcher, welches, welchen"),
        (Asked::Who, "wer"),
        (Asked::When, "wann"),
        (Asked::Where, "wo"),
        (Asked::Why, "warum, wieso, weshalb"),
        (Asked::How, "wie, wie kann ich, wie kann man, wie könnte ich, wie soll ich"),
        (Asked::HowMany, "wie viele, wie viel, wieviel, wieviele"),
    ],
    helpers: &[
        (Asked::IsIt, false, "ist, sind"),
        (Asked::IsIt, true, "war, waren"),
        (Asked::HasIt, false, "hat, haben"),
        (Asked::HasIt, true, "hatte, hatten"),
        (Asked::CanIt, false, "kann, können"),
        (Asked::ShouldIt, false, "soll, sollte, sollen, sollten"),
        (Asked::MustIt, false, "muss, müssen"),
        (Asked::WillIt, false, "wird, werden"),
    ],
    not: "nicht, kein, keine, keinen, keinem, keiner, ohne",
    of: "",
    numbers: "null, eins, zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn, elf, zwölf, dreizehn, \
        vierzehn, fünfzehn, sechzehn, siebzehn, achtzehn, neunzehn, zwanzig, dreissig, vierzig, fünfzig, \
        sechzig, siebzig, achtzig, neunzig, hundert/einhundert",
    ordinals: "erste/ersten/erster/erstes, zweite/zweiten/zweiter/zweites, dritte/dritten/dritter/drittes, \
        vierte/vierten/vierter/viertes, fünfte/fünften/fünfter/fünftes, sechste/sechsten/sechster/sechstes, \
        siebte/siebten/siebter/siebtes, achte/achten/achter/achtes, neunte/neunten/neunter/neuntes, \
        zehnte/zehnten/zehnter/zehntes",
    same: &["prozent,%"],
    names: &[],
    measures: &[],
};

pub(super) const FRENCH: Lists = Lists {
    nothing: "s'il vous plaît, s'il te plaît, et, est-ce que, est-ce qu', y a-t-il",
    dummies: "ce, c'",
    articles: "le, la, les, l', un, une, des",
    openings: "bonjour, salut, merci, dis-moi, dites-moi, peux-tu me dire, pouvez-vous me dire, explique, \
        explique-moi, expliquez, expliquez-moi, peux-tu expliquer, pouvez-vous expliquer, peux-tu m'expliquer, \
        pouvez-vous m'expliquer, sais-tu, savez-vous, je voudrais savoir, j'aimerais savoir",
    askers: "je, j', on, nous, mon, ma, mes, notre, nos",
    asks: &[
        (Asked::What, "quel, quelle, quels, quelles, qu'est-ce que, qu'est-ce qu', que, qu'"),
        (Asked::Who, "qui"),
        (Asked::When, "quand"),
        (Asked::Where, "où"),
        (Asked::Why, "pourquoi"),
        (Asked::How, "comment, comment puis-je, comment peut-on"),
        (Asked::HowMany, "combien, combien de, combien d'"),
    ],
    helpers: &[
        (Asked::IsIt, false, "est, sont, est-ce"),
        (Asked::IsIt, true, "était, étaient"),
        (Asked::HasIt, false, "a, ont"),
        (Asked::HasIt, true, "avait, avaient"),
        (Asked::CanIt, false, "peut, peuvent, peut-on, puis-je, peux"),
        (Asked::ShouldIt, false, "doit, doivent, dois, dois-je, doit-on"),
        (Asked::MustIt, false, "faut-il"),
        (Asked::WillIt, false, "sera, seront, va, vont"),
    ],
    not: "pas, sans, aucun, aucune",
    of: "",
    numbers: "zéro, un, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, treize, \
        quatorze, quinze, seize, dix-sept, dix-huit, dix-neuf, vingt/vingts, trente, quarante, cinquante, \
        soixante, soixante-dix/septante, quatre-vingts/quatre-vingt/huitante, quatre-vingt-dix/nonante, cent",
    ordinals: "premier/première, deuxième/seconde, troisième, quatrième, cinquième, sixième, septième, huitième, \
        neuvième, dixième",
    same: &[],
    names: &[],
    measures: &[],
};

pub(super) const SPANISH: Lists = Lists {
    nothing: "por favor, y",
    dummies: "",
    articles: "el, la, los, las, un, una, unos, unas",
    openings: "hola, gracias, dime, dígame, puedes decirme, podrías decirme, puede decirme, me puedes decir, \
        explica, explícame, explique, puedes explicar, puedes explicarme, podrías explicar, sabes, quiero saber, \
        me gustaría saber",
    askers: "yo, nosotros, mi, mis, nuestro, nuestra, se",
    asks: &[
        (Asked::What, "qué, cuál, cuáles, cual"),
        (Asked::Who, "quién, quiénes"),
        (Asked::When, "cuándo"),
        (Asked::Where, "dónde"),
        (Asked::Why, "por qué"),
        (Asked::How, "cómo, cómo puedo, cómo se puede, cómo podría"),
        (Asked::HowMany, "cuánto, cuánta, cuántos, cuántas"),
    ],
    helpers: &[
        (Asked::IsIt, false, "es, son"),
        (Asked::IsIt, true, "era, eran"),
        (Asked::HasIt, false, "ha, han"),
        (Asked::HasIt, true, "había, habían"),
        (Asked::CanIt, false, "puede, pueden, puedo, se puede"),
        (Asked::ShouldIt, false, "debería, deberían"),
        (Asked::MustIt, false, "debe, deben, debo"),
        (Asked::WillIt, false, "será, serán, va, van"),
    ],
    not: "no, sin, ningún, ninguna, ninguno",
    of: "",
    numbers: "cero, uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once, doce, trece, catorce, \
        quince, dieciséis, diecisiete, dieciocho, diecinueve, veinte, treinta, cuarenta, cincuenta, sesenta, \
        setenta, ochenta, noventa, cien/ciento",
    ordinals: "primero/primera/primer, segundo/segunda, tercero/tercera/tercer, cuarto/cuarta, quinto/quinta, \
        sexto/sexta, séptimo/séptima, octavo/octava, noveno/novena, décimo/décima",
    same: &[],
    names: &[],
    measures: &[],
};

pub(super) const PORTUGUESE: Lists = Lists {
    nothing: "por favor, e",
    dummies: "",
    articles: "o, os, um, uma, uns, umas",
    openings: "olá, oi, obrigado, obrigada, diga-me, me diga, pode me dizer, você pode me dizer, poderia me \
        dizer, explique, explique-me, me explique, pode explicar, você pode explicar, você sabe, quero saber, \
        gostaria de saber",
    askers: "eu, nós, meu, minha, meus, minhas, nosso, nossa, se",
    asks: &[
        (Asked::What, "quê, qual, quais, que, o que"),
        (Asked::Who, "quem"),
        (Asked::When, "quando"),
        (Asked::Where, "onde"),
        (Asked::Why, "por que, por quê, porquê"),
        (Asked::How, "como, como posso, como eu posso, como se pode"),
        (Asked::HowMany, "quanto, quanta, quantos, quantas"),
    ],
    helpers: &[
        (Asked::IsIt, false, "é, são"),
        (Asked::IsIt, true, "era, eram"),
        (Asked::HasIt, false, "tem, têm"),
        (Asked::HasIt, true, "tinha, tinham"),
        (Asked::CanIt, false, "pode, podem, posso"),
        (Asked::ShouldIt, false, "deveria, deveriam"),
        (Asked::MustIt, false, "deve, devem, devo"),
        (Asked::WillIt, false, "será, serão, vai, vão"),
    ],
    not: "não, sem, nenhum, nenhuma",
    of: "",
    numbers: "zero, um, dois/duas, três, quatro, cinco, seis, sete, oito, nove, dez, onze, doze, treze, \
        quatorze/catorze, quinze, dezesseis/dezasseis, dezessete/dezassete, dezoito, dezenove/dezanove, vinte, \
        trinta, quarenta, cinquenta, sessenta, setenta, oitenta, noventa, cem/cento",
    ordinals: "primeiro/primeira, segundo/segunda, terceiro/terceira, quarto/quarta, quinto/quinta, sexto/sexta, \
        sétimo/sétima, oitavo/oitava, nono/nona, décimo/décima",
    same: &[],
    names: &[],
    measures: &[],
};

pub(super) const ITALIAN: Lists = Lists {
    nothing: "per favore, e, ed",
    dummies: "c'",
    articles: "il, lo, la, i, gli, le, l', un, una, uno, un'",
    openings: "ciao, grazie, dimmi, mi dica, puoi dirmi, può dirmi, potresti dirmi, mi puoi dire, spiega, \
        spiegami, mi spieghi, puoi spiegare, puoi spiegarmi, sai, vorrei sapere",
    askers: "io, noi, mio, mia, miei, mie, nostro, nostra, si",
    asks: &[
        (Asked::What, "che cosa, cosa, qual, quale, quali, cos', che"),
        (Asked::Who, "chi"),
        (Asked::When, "quando"),
        (Asked::Where, "dove, dov'"),
        (Asked::Why, "perché"),
        (Asked::How, "come, com', come posso, come si può, come potrei"),
        (Asked::HowMany, "quanto, quanta, quanti, quante"),
    ],
    helpers: &[
        (Asked::IsIt, false, "è, sono"),
        (Asked::IsIt, true, "era, erano"),
        (Asked::HasIt, false, "ha, hanno"),
        (Asked::HasIt, true, "aveva, avevano"),
        (Asked::CanIt, false, "può, possono, posso, si può"),
        (Asked::ShouldIt, false, "dovrebbe, dovrei"),
        (Asked::MustIt, false, "deve, devono, devo"),
        (Asked::WillIt, false, "sarà, saranno"),
    ],
    not: "non, senza, nessun, nessuno, nessuna",
    of: "",
    numbers: "zero, uno, due, tre, quattro, cinque, sei, sette, otto, nove, dieci, undici, dodici, tredici, \
        quattordici, quindici, sedici, diciassette, diciotto, diciannove, venti, trenta, quaranta, cinquanta, \
        sessanta, settanta, ottanta, novanta, cento",
    ordinals: "primo/prima, secondo/seconda, terzo/terza, quarto/quarta, quinto/quinta, sesto/sesta, \
        settimo/settima, ottavo/ottava, nono/nona, decimo/decima",
    same: &[],
    names: &[],
    measures: &[],
};

pub(super) const DUTCH: Lists = Lists {
    nothing: "alsjeblieft, alstublieft, en",
    dummies: "er",
    articles: "de, het, een",
    openings: "hallo, hoi, bedankt, vertel me, vertel mij, kun je me vertellen, kunt u me vertellen, kan je me \
        vertellen, leg uit, weet je, weet u, ik wil weten, ik wil graag weten",
    askers: "ik, we, wij, men, mijn, ons, onze",
    asks: &[
        (Asked::What, "wat, welke, welk"),
        (Asked::Who, "wie"),
        (Asked::When, "wanneer"),
        (Asked::Where, "waar"),
        (Asked::Why, "waarom"),
        (Asked::How, "hoe, hoe kan ik, hoe moet ik, hoe kan je"),
        (Asked::HowMany, "hoeveel"),
    ],
    helpers: &[
        (Asked::IsIt, false, "is"),
        (Asked::IsIt, true, "was, waren"),
        (Asked::HasIt, false, "heeft, hebben"),
        (Asked::HasIt, true, "had, hadden"),
        (Asked::CanIt, false, "kan, kunnen"),
        (Asked::MustIt, false, "moet, moeten"),
        (Asked::WillIt, false, "zal, zullen, wordt, worden"),
    ],
    not: "niet, geen, zonder",
    of: "",
    numbers: "nul, een/één, twee, drie, vier, vijf, zes, zeven, acht, negen, tien, elf, twaalf, dertien, \
        veertien, vijftien, zestien, zeventien, achttien, negentien, twintig, dertig, veertig, vijftig, zestig, \
        zeventig, tachtig, negentig, honderd",
    ordinals: "eerste, tweede, derde, vierde, vijfde, zesde, zevende, achtste, negende, tiende",
    same: &["procent,%"],
    names: &[],
    measures: &[],
};
