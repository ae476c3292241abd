//! Names as one meets them at the offices, and the letters that a sign-in name has for them.

use crate::random::Random;

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Culture {
    English,
    Irish,
    French,
    German,
    Polish,
    Portuguese,
    Swedish,
    Vietnamese,
    Indian,
    Turkish,
}

const ALL: &[Culture] = &[
    Culture::English,
    Culture::Irish,
    Culture::French,
    Culture::German,
    Culture::Polish,
    Culture::Portuguese,
    Culture::Swedish,
    Culture::Vietnamese,
    Culture::Indian,
    Culture::Turkish,
];

/// Of a thousand people so many come from elsewhere than the office's own country.
const FROM_ELSEWHERE: usize = 220;
/// Of a thousand people so many have two surnames.
const TWO_SURNAMES: usize = 50;

/// A first and a last name.
pub(crate) fn pick(at: Culture, random: &mut Random) -> (&'static str, String) {
    let elsewhere = random.chance(FROM_ELSEWHERE);
    let culture = match random.pick(ALL) {
        Some(other) if elsewhere => *other,
        _ => at,
    };
    let (given, surnames) = culture.names();
    let given = random.word(given);
    let first = random.word(surnames);
    let second = random.word(surnames);
    let plain = |name: &str| !name.contains(['-', ' ', '\'']);
    if random.chance(TWO_SURNAMES) && first != second && plain(first) && plain(second) {
        return (given, format!("{first}-{second}"));
    }
    (given, first.to_owned())
}

impl Culture {
    fn names(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::English => (
                &[
                    "Zoë",
                    "Oliver",
                    "Amelia",
                    "Harry",
                    "Isla",
                    "George",
                    "Chloë",
                    "Jack",
                    "Grace",
                    "Noah",
                    "Freya",
                    "Leo",
                    "Mia",
                    "Arthur",
                    "Ella",
                    "Oscar",
                    "Jordan",
                    "Maya",
                    "Ethan",
                    "Renée",
                    "Theo",
                    "Abigail",
                    "Lucas",
                    "Hannah",
                    "Daniel",
                    "Charlotte",
                    "Ravi",
                    "Naomi",
                    "Samuel",
                    "Anne-Marie",
                ],
                &[
                    "Smith", "Johnson", "Taylor", "Brown", "Williams", "Wilson", "Davies", "Evans", "Walker",
                    "Wright", "Robinson", "Thompson", "Hughes", "Hall", "Green", "Clarke", "Baker", "Carter",
                    "D'Angelo", "Mitchell", "Parker", "Bennett", "Reid", "Foster", "Brontë", "Okafor",
                    "Nguyen", "García", "Lee", "Price",
                ],
            ),
            Self::Irish => (
                &[
                    "Aoife", "Seán", "Niamh", "Cillian", "Caoimhe", "Oisín", "Róisín", "Pádraig", "Sinéad",
                    "Eoin", "Gráinne", "Conor", "Órla", "Fionn", "Ciara", "Darragh", "Maeve", "Ruairí",
                    "Saoirse", "Tadhg",
                ],
                &[
                    "O'Neill",
                    "O'Brien",
                    "Murphy",
                    "Kelly",
                    "O'Sullivan",
                    "Walsh",
                    "Byrne",
                    "Ryan",
                    "O'Connor",
                    "Doyle",
                    "McCarthy",
                    "Gallagher",
                    "O'Doherty",
                    "Kennedy",
                    "Lynch",
                    "Ó Súilleabháin",
                    "McDonagh",
                    "Quinn",
                    "Ní Dhomhnaill",
                    "Fitzgerald",
                ],
            ),
            Self::French => (
                &[
                    "Zoé",
                    "Léa",
                    "Hélène",
                    "Jean-Luc",
                    "François",
                    "Anaïs",
                    "Gaël",
                    "Inès",
                    "Loïc",
                    "Maëlle",
                    "Noël",
                    "Océane",
                    "Rémi",
                    "Solène",
                    "Thérèse",
                    "Théo",
                    "Camille",
                    "Étienne",
                    "Jérôme",
                    "Marie-Claire",
                    "Benoît",
                    "Chloé",
                    "Hugo",
                    "Manon",
                ],
                &[
                    "Martin",
                    "Bernard",
                    "Lefèvre",
                    "Dubois",
                    "Girard",
                    "Moreau",
                    "Durand",
                    "L'Hôpital",
                    "Fournier",
                    "Gauthier",
                    "Rousseau",
                    "Béranger",
                    "Chevalier",
                    "d'Estaing",
                    "François",
                    "Garçon",
                    "Hébert",
                    "Lemaître",
                    "Perrin",
                    "Deschênes",
                    "Boyer",
                    "Noël",
                    "Le Goff",
                    "Traoré",
                ],
            ),
            Self::German => (
                &[
                    "Jürgen",
                    "Käthe",
                    "Jörg",
                    "Anneliese",
                    "Björn",
                    "Heike",
                    "Karl-Heinz",
                    "Lukas",
                    "Mia",
                    "Günther",
                    "Sören",
                    "Ursula",
                    "Felix",
                    "Leonie",
                    "Matthias",
                    "Ute",
                    "Jonas",
                    "Emilia",
                    "Stefan",
                    "Bärbel",
                    "Maximilian",
                    "Lena",
                ],
                &[
                    "Müller",
                    "Schmidt",
                    "Schäfer",
                    "Köhler",
                    "Weiß",
                    "Groß",
                    "Jäger",
                    "Krüger",
                    "Böhm",
                    "Fuchs",
                    "Vogel",
                    "Möller",
                    "Günther",
                    "Lehmann",
                    "Voß",
                    "Schröder",
                    "Hübner",
                    "Kaiser",
                    "Bauer",
                    "Öztürk",
                    "Löwe",
                    "Franke",
                    "von Hohenfeld",
                    "Preuß",
                ],
            ),
            Self::Polish => (
                &[
                    "Łukasz",
                    "Agnieszka",
                    "Paweł",
                    "Małgorzata",
                    "Michał",
                    "Żaneta",
                    "Grażyna",
                    "Wojciech",
                    "Bożena",
                    "Krzysztof",
                    "Elżbieta",
                    "Stanisław",
                    "Józef",
                    "Róża",
                    "Zofia",
                    "Jakub",
                    "Hanna",
                    "Bartłomiej",
                    "Świętosława",
                    "Kacper",
                ],
                &[
                    "Nowak",
                    "Kowalski",
                    "Wiśniewska",
                    "Wójcik",
                    "Kamiński",
                    "Lewandowska",
                    "Zieliński",
                    "Szymańska",
                    "Woźniak",
                    "Dąbrowski",
                    "Kozłowska",
                    "Jabłoński",
                    "Król",
                    "Majewska",
                    "Wróbel",
                    "Ćwik",
                    "Łuczak",
                    "Żak",
                    "Pawłowska",
                    "Gołębiowski",
                ],
            ),
            Self::Portuguese => (
                &[
                    "João",
                    "Inês",
                    "Conceição",
                    "Luís",
                    "António",
                    "Mário",
                    "Beatriz",
                    "Sónia",
                    "Tomás",
                    "Vítor",
                    "Margarida",
                    "Catarina",
                    "Gonçalo",
                    "Simão",
                    "Letícia",
                    "Estêvão",
                    "Ana",
                    "Rui",
                    "Cláudia",
                    "Nuno",
                ],
                &[
                    "Silva",
                    "Santos",
                    "Ferreira",
                    "Pinto-Silva",
                    "Gonçalves",
                    "Simões",
                    "Araújo",
                    "Conceição",
                    "Magalhães",
                    "Brandão",
                    "Guimarães",
                    "Almeida",
                    "Nóbrega",
                    "Ribeiro",
                    "Luís",
                    "Abrantes",
                    "da Costa",
                    "Falcão",
                    "Teixeira",
                    "Pires",
                ],
            ),
            Self::Swedish => (
                &[
                    "Åsa",
                    "Göran",
                    "Björn",
                    "Märta",
                    "Örjan",
                    "Linnéa",
                    "Sören",
                    "Åke",
                    "Frida",
                    "Håkan",
                    "Ebba",
                    "Hjalmar",
                    "Ängla",
                    "Lars-Erik",
                    "Elsa",
                    "Gustav",
                    "Saga",
                    "Nils",
                ],
                &[
                    "Andersson",
                    "Sjöberg",
                    "Åkesson",
                    "Lindström",
                    "Öberg",
                    "Nyström",
                    "Bergström",
                    "Hägg",
                    "Ström",
                    "Eklund",
                    "Björk",
                    "Sandberg",
                    "Söderlund",
                    "Lundqvist",
                    "Ångström",
                    "Holm",
                    "Dahl",
                    "Malmström",
                ],
            ),
            Self::Vietnamese => (
                &[
                    "Anh", "Minh", "Thảo", "Hương", "Đức", "Tuấn", "Trâm", "Quỳnh", "Phúc", "Vân", "Ngọc",
                    "Hải", "Linh", "Thúy", "Dũng", "Hằng", "Khôi", "Yến", "Sơn", "Bảo",
                ],
                &[
                    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi",
                    "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
                ],
            ),
            Self::Indian => (
                &[
                    "Aarav", "Ananya", "Vikram", "Priya", "Rohan", "Kavya", "Arjun", "Meera", "Sanjay",
                    "Divya", "Rahul", "Nisha", "Karthik", "Lakshmi", "Aditya", "Pooja", "Suresh", "Deepa",
                    "Imran", "Fatima",
                ],
                &[
                    "Sharma",
                    "Iyer",
                    "Patel",
                    "Reddy",
                    "Nair",
                    "Gupta",
                    "Rao",
                    "Singh",
                    "Menon",
                    "Khan",
                    "Das",
                    "Kulkarni",
                    "Bose",
                    "Chatterjee",
                    "D'Souza",
                    "Hegde",
                    "Joshi",
                    "Pillai",
                    "Verma",
                    "Fernandes",
                ],
            ),
            Self::Turkish => (
                &[
                    "Ayşe", "Çağla", "Gökhan", "İlker", "Özgür", "Şebnem", "Tuğba", "Ümit", "Yiğit",
                    "Zeynep", "Ömer", "Işıl",
                ],
                &[
                    "Yılmaz", "Öztürk", "Çelik", "Şahin", "Güneş", "Doğan", "Aydın", "Kılıç", "Işık", "Ünal",
                    "Koç", "Erdoğdu",
                ],
            ),
        }
    }
}

/// The part of a sign-in name that a name gives: lower-case ASCII letters and hyphens.
pub(crate) fn to_ascii(name: &str) -> String {
    let mut ascii = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '-' => ascii.push(character),
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'ả' | 'ạ' | 'ă' | 'ằ' | 'ặ' | 'ầ' | 'ấ' | 'ậ' =>
            {
                ascii.push('a');
            }
            'ç' | 'ć' => ascii.push('c'),
            'đ' => ascii.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ễ' | 'ế' | 'ề' | 'ể' | 'ệ' => ascii.push('e'),
            'ğ' => ascii.push('g'),
            'ì' | 'í' | 'î' | 'ï' | 'ı' => ascii.push('i'),
            'ł' => ascii.push('l'),
            'ñ' | 'ń' => ascii.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ỗ' | 'ồ' | 'ọ' | 'ơ' => ascii.push('o'),
            'ś' | 'ş' => ascii.push('s'),
            'ß' => ascii.push_str("ss"),
            'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ư' | 'ứ' | 'ừ' | 'ử' | 'ữ' | 'ự' => {
                ascii.push('u')
            }
            'ý' | 'ỳ' => ascii.push('y'),
            'ź' | 'ż' => ascii.push('z'),
            // Spaces and apostrophes go, and so does the dot that `İ` leaves when it is lowered.
            _ => {}
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_a_sign_in_name() {
        let check = |name: &str, expected: &str| assert_eq!(to_ascii(name), expected);
        check("Zoë", "zoe");
        check("O'Neill", "oneill");
        check("Pinto-Silva", "pinto-silva");
        check("Łukasz", "lukasz");
        check("Nguyễn", "nguyen");
        check("Weiß", "weiss");
        check("İlker", "ilker");
        check("Ní Dhomhnaill", "nidhomhnaill");
    }

    #[test]
    fn no_letter_of_a_name_is_lost() {
        for culture in ALL {
            let (given, surnames) = culture.names();
            for name in given.iter().chain(surnames) {
                let letters = name.chars().filter(|c| c.is_alphabetic()).count();
                let kept = to_ascii(name).chars().filter(char::is_ascii_alphabetic).count();
                let doubled = name.chars().filter(|c| *c == 'ß').count();
                assert_eq!(kept, letters + doubled, "{name}");
            }
        }
    }
}
