"""The words that sample rows are made of; imports nothing.

Free texts hold on purpose what files get wrong: quotes, delimiters, accents, emoji, spaces at
the end, the empty string beside NULL (None), and texts that look like another system's NULL.
"""

FIRST_NAMES = (
    "Anna", "Béatrice", "Çağla", "Dørthe", "Emil", "François", "Grażyna", "Håkon", "Ines", "Jörg",
    "Kateřina", "Łukasz", "Małgorzata", "Noël", "Olga", "Paweł", "Quirin", "Renée", "Søren",
    "Théo", "Ulrike", "Václav", "Wiebke", "Xenia", "Yusuf", "Zoë", "Siân", "Miguel", "小雨",
    "Дарья",
)  # fmt: skip
LAST_NAMES = (
    "Müller", "O'Brien", "Schmidt-Weiß", "van den Berg", "Åkesson", "Nowák", "García López",
    "D'Angelo", "Jäger", "Kowalska", "Lefèvre", "Öztürk", "Papadópoulos", "Rossi", "Strömberg",
    "Thơ", "Ünal", "Vogel", "Weber", "Ýmir", "Zieliński", "Becker", "Fischer, jun.", "Straße",
    "Brown", "de la Cruz", "Ibáñez", "Kuznetsova", "Larsen", "Moreau",
)  # fmt: skip
MAIL_NAMES = (
    "anna", "Bea", "chess.club", "dee", "emil", "f.r", "grete", "hakon", "ines", "J.R",
    "kat", "luk", "mail", "noel", "olga", "pawel", "q", "rene", "soren", "theo",
)  # fmt: skip
MAIL_DOMAINS = ("example.com", "example.org", "mail.example.net", "Post.example", "shop.test")
CITIES = (
    "Köln", "München", "Berlin", "Frankfurt am Main", "Frankfurt (Oder)", "Kraków", "Malmö",
    "Besançon", "Liège", "A Coruña", "Plzeň", "Tromsø", "Saint-Étienne", "L'Aquila", "Zürich",
    "'s-Hertogenbosch", "Washington, D.C.", "Győr", "Ħamrun", None,
)  # fmt: skip
NOTES = (
    None, None, None, None, None, None, None, None, "", "prefers e-mail",
    'says "ring twice", then waits', "paper bags only 🛍️", "allergic: nuts, celery; no peanuts",
    "moved, new address to follow ", "N/A", "NULL", "\\N", "C:\\customers\\new", "Größe 42 ½",
    "tab\there", " leading space", "👨‍👩‍👧 family card", "„Stammkundin“", "two\u2028lines, one",
)  # fmt: skip
REMARKS = (
    None, None, None, None, None, None, None, None, None, None, None, None, None, None,
    "", "bag 0,10", 'coupon "SUMMER"', "age checked", "change: 5;00", "crème brûlée", "🥖 warm ",
    "price by hand\\scale",
)  # fmt: skip
GIFT_MESSAGES = (
    None, None, None, None, None, None, "", "Happy birthday! 🎂", "Für Oma; mit Liebe",
    'for "the best"', "À bientôt, Léa", "see you soon ", "NULL", "x;y;z", "back\\slash",
)  # fmt: skip

BRAND_FIRST = (
    "Alba", "Bergquell", "Casa", "Dorfladen", "Éclair", "Fjord", "Goldähre", "Heide", "Iris",
    "Jardin", "Kornblume", "Lago", "Mühlen", "Nord", "Olivia", "Prärie", "Quito", "Rheingold",
)  # fmt: skip
BRAND_SECOND = (
    "& Co.", "Farms", "Fratelli", "Kontor", "Manufaktur", "Naturel", '"Original"', "Sons, Ltd.",
    "Œuvre", "Traditionell", "Verde",
)  # fmt: skip
CATEGORY_WORDS = (
    "Fruit", "Vegetables", "Bread & Rolls", "Cheese", "Fish, fresh", "Coffee, Tea", "Wine",
    "Crème fraîche & Co.", "Gemüse", "Pâtes", "Baby", "Pets 🐈", 'World "Street Food"', "Frozen",
    "Household", "Garden", "Toys", "Sweets", "Spices", "Jalapeño corner",
)  # fmt: skip
CATEGORY_TEXTS = (
    None, None, "", "Top shelf", "Seasonal, from May to August", 'The "impulse" zone',
    "Kühlregal links ", "see plan B; aisle 4", "🍓 🥕",
)  # fmt: skip
GOODS = (
    "Apple", "Gouda", "Rye bread", "Café crème", "Müsli", "Tofu", "Dal, red", "Jalapeños",
    "Spätzle", "Olives", "Salmon", "Ketchup", "Crêpes", "Kimchi", "Aïoli", "Soap", "Pretzel",
    "Rosé", "Oat drink", "Candles", "Żurek", "Smørrebrød", "Mochi もち", "Ice cream 🍦",
)  # fmt: skip
SIZES = ("small", "large", "500 g", "1 l", '12"', "6 x 0,33 l", "family pack", "mini", "¼ kg")
DESCRIPTIONS = (
    None, None, None, "", "Good as it is.", "Best before: see lid\nStore cool and dry",
    'He said "fresh", and it was', "Line one\nLine two, with comma\n\nLine four",
    "space at the end ",
    "Zutaten: Weizen, Salz; kann Spuren von Nüssen enthalten", "100 % 🌱", "a\\b",
    "Contains milk.\r\nContains soy.",
)  # fmt: skip
LABELS = (None, None, None, "", "organic", "vegan", "organic,vegan", "regional", "organic,regional",
          "vegan,fairtrade", "organic,vegan,regional,fairtrade")  # fmt: skip
WEBSITES = (None, "https://www.example.com/", "https://example.org/b?id=1&lang=fr", "")

COUNTRIES = (  # code, name, currency, calling code, member of the EU, standard VAT rate
    ("DE", "Germany", "EUR", "49", "1", "0.1900"),
    ("AT", "Austria (Österreich)", "EUR", "43", "1", "0.2000"),
    ("FR", "France", "EUR", "33", "1", "0.2000"),
    ("NL", "Netherlands", "EUR", "31", "1", "0.2100"),
    ("BE", "Belgium", "EUR", "32", "1", "0.2100"),
    ("LU", "Luxembourg", "EUR", "352", "1", "0.1700"),
    ("DK", "Denmark", "DKK", "45", "1", "0.2500"),
    ("SE", "Sweden", "SEK", "46", "1", "0.2500"),
    ("FI", "Finland", "EUR", "358", "1", "0.2550"),
    ("AX", "Åland Islands", "EUR", "358", "1", "0.2550"),
    ("NO", "Norway", "NOK", "47", "0", "0.2500"),
    ("PL", "Poland", "PLN", "48", "1", "0.2300"),
    ("CZ", "Czechia", "CZK", "420", "1", "0.2100"),
    ("IT", "Italy", "EUR", "39", "1", "0.2200"),
    ("ES", "Spain (España)", "EUR", "34", "1", "0.2100"),
    ("PT", "Portugal", "EUR", "351", "1", "0.2300"),
    ("IE", "Ireland", "EUR", "353", "1", "0.2300"),
    ("GB", "United Kingdom", "GBP", "44", "0", "0.2000"),
    ("CH", "Switzerland", "CHF", "41", "0", "0.0810"),
    ("GR", "Greece", "EUR", "30", "1", "0.2400"),
    ("HU", "Hungary", "HUF", "36", "1", "0.2700"),
    ("TR", "Türkiye", "TRY", "90", "0", "0.2000"),
    ("CI", "Côte d'Ivoire", "XOF", "225", "0", "0.1800"),
    ("CW", "Curaçao", "XCG", "599", "0", "0.0600"),
    ("RE", "Réunion", "EUR", "262", "1", "0.0850"),
    ("BO", 'Bolivia, "Plurinational State"', "BOB", "591", "0", "0.1300"),
    ("JP", "Japan", "JPY", "81", "0", "0.1000"),
    ("KR", "Korea, Republic of", "KRW", "82", "0", "0.1000"),
    ("US", "United States", "USD", "1", "0", None),
    ("CA", "Canada", "CAD", "1", "0", "0.0500"),
    ("HK", "Hong Kong", "HKD", "852", "0", None),
    ("NZ", "New Zealand", "NZD", "64", "0", "0.1500"),
)
CUSTOMER_COUNTRIES = ("DE", "DE", "DE", "DE", "DE", "DE", "AT", "FR", "NL", "PL", "CH", "TR", "CI")
BRAND_COUNTRIES = ("DE", "FR", "IT", "ES", "DK", "CW", "JP", None)
