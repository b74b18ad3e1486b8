//! English words by their kind, where it is certain.

/// Nouns whose plural is more of the same. Left out is what has another meaning in the plural (futures, securities,
/// options, bonds, stocks, customs), and what is a family name then (roberts, adams, woods, banks, brooks).
pub(super) const NOUNS: &str = "account actor address advantage airport animal answer app apple application area \
    argument army array article artist athlete author baby bag banana battery bed benefit bicycle bike bird boat body \
    book bottle box boy brain branch bridge browser bug building bus business button cake calorie camera car carrot \
    cat cause cell chair chapter character chart chicken child church cigarette city class client cloud club coin \
    college color colour column command comment commit company component computer concept conference container \
    continent cookie cost country course cow cup currency customer database dataset date daughter day deadline delivery \
    dependency desk developer device diet difference dinosaur disadvantage disease dish doctor document dog domain \
    door dream drug duck duplicate egg election electron element elephant email emotion employee employer endpoint \
    engine engineer error essay event example exam exception exercise expense eye face factor family farmer feature \
    file finger fish flag flight flower folder food form fruit function game garden girl grade graph group guitar \
    habit hand hat hobby holiday horse hospital hotel hour house human husband idea illness image index ingredient \
    insect instruction instrument integer interview invoice island item job joke key keyboard kid king kitchen knee \
    lake language laptop law lawyer leg lemon lesson library license limit line link lion list loan location log loop \
    lung machine manager map match meal meeting member message metal method mile mistake model module molecule month \
    mosquito mountain mouth movie muscle museum mushroom musician myth name nation neighbor network neuron node noun \
    novel number nurse object ocean office operator orange order organ package page painter painting parameter parent \
    parrot passenger password path patient payment pen person pet phone photo picture pig pillow pilot planet plant \
    player poem poet poison policy pool potato president price printer prisoner process product program programmer \
    project protein protocol province puppy purchase query question rabbit recipe rectangle refund region reminder \
    repository request requirement researcher resource restaurant result rice river road robot room row rule sandwich \
    sample schema school scientist screen sentence server shark sheep ship shirt shoe shop side-effect singer \
    sister skill snake soldier solution song son source spider sport star state step store story strategy street string \
    student subscription subway supplement symptom system table tag tax teacher team technology teenager test thing \
    ticket tiger tip tomato tooth topic tourist town toy train treatment tree triangle tuple tutorial type university \
    user vaccine value variable vegetable vehicle verb version video village virus vitamin volcano volunteer war \
    website week whale wife window-pane woman word worker writer year zebra";

/// Verbs that name no thing which a letter could follow (plan a, test a, type a).
pub(super) const VERBS: &str = "write sort reset read draw generate create make build delete remove fix solve find get \
    buy use install convert learn become eat open cancel choose add implement train cook bake send reverse parse \
    calculate compute explain describe define tell give need want prove configure deploy rename merge iterate connect \
    bring buys bought built carry catch cause checkout clean clone close compile compose construct contain copy \
    declare develop disable download drive earn edit enable encrypt extract filter fill fly format grow hire hold \
    import include initialize insert invent join keep launch lose move obtain own paint pay plant play post prepare \
    print produce publish put recommend rent repair replace ride rotate save schedule see sell serve sew sing sleep \
    split start suggest summarize take teach throw translate treat update upload visit wear win wrote";

pub(super) const PREPOSITIONS: &str = "in on at for to from with by as into onto over under about between than like per \
    through against during before after inside outside upon via using versus vs or but if that because";

/// What may follow "a" where it is a letter: a key, a blood group, a sum.
pub(super) const AFTER_LETTERS: &str = "minor major flat sharp positive negative plus minus times divided multiplied \
    equals equal greater less";
