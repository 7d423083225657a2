# the is... methods and character classes
samples = ["", "a", "A", "1", " ", "aB", "a1", "é", "١", "½", "Ⅷ", "ß", "日", "_", "a b", "\n", "²", "Ab Cd", "ʰ"]
for name in ("isalpha", "isdigit", "isdecimal", "isnumeric", "isalnum", "isspace", "isupper", "islower", "istitle", "isidentifier", "isprintable", "isascii"):
    print(name, [s for s in samples if getattr(s, name)()])
# expect: isalpha ['a', 'A', 'aB', 'é', 'ß', '日', 'ʰ']
# expect: isdigit ['1', '١', '²']
# expect: isdecimal ['1', '١']
# expect: isnumeric ['1', '١', '½', 'Ⅷ', '²']
# expect: isalnum ['a', 'A', '1', 'aB', 'a1', 'é', '١', '½', 'Ⅷ', 'ß', '日', '²', 'ʰ']
# expect: isspace [' ', '\n']
# expect: isupper ['A', 'Ⅷ']
# expect: islower ['a', 'a1', 'é', 'ß', 'a b', 'ʰ']
# expect: istitle ['A', 'Ⅷ', 'Ab Cd']
# expect: isidentifier ['a', 'A', 'aB', 'a1', 'é', 'Ⅷ', 'ß', '日', '_', 'ʰ']
# expect: isprintable ['', 'a', 'A', '1', ' ', 'aB', 'a1', 'é', '١', '½', 'Ⅷ', 'ß', '日', '_', 'a b', '²', 'Ab Cd', 'ʰ']
# expect: isascii ['', 'a', 'A', '1', ' ', 'aB', 'a1', '_', 'a b', '\n', 'Ab Cd']
import keyword
print(keyword.iskeyword("for"), keyword.iskeyword("match"), keyword.issoftkeyword("match"))  # expect: True False True
import unicodedata
print(unicodedata.name("é"), unicodedata.category("A"), unicodedata.normalize("NFD", "é") == "e\u0301", unicodedata.lookup("SNOWMAN"), unicodedata.numeric("½"))
# expect: LATIN SMALL LETTER E WITH ACUTE Lu True ☃ 0.5
