# unicodedata: properties, names, normal forms, the database of version 3.2
import unicodedata as u
for c in "aÅ²½\u0300\u1e9b\uac01\ud800\U0001f600\u0378":
    print(hex(ord(c)), u.category(c), u.bidirectional(c), u.combining(c), u.east_asian_width(c), u.mirrored(c), u.decomposition(c), u.numeric(c, None), u.digit(c, None), u.decimal(c, None), u.name(c, "-"))
# expect: 0x61 Ll L 0 Na 0  None None None LATIN SMALL LETTER A
# expect: 0xc5 Lu L 0 N 0 0041 030A None None None LATIN CAPITAL LETTER A WITH RING ABOVE
# expect: 0xb2 No EN 0 A 0 <super> 0032 2.0 2 None SUPERSCRIPT TWO
# expect: 0xbd No ON 0 A 0 <fraction> 0031 2044 0032 0.5 None None VULGAR FRACTION ONE HALF
# expect: 0x300 Mn NSM 230 A 0  None None None COMBINING GRAVE ACCENT
# expect: 0x1e9b Ll L 0 N 0 017F 0307 None None None LATIN SMALL LETTER LONG S WITH DOT ABOVE
# expect: 0xac01 Lo L 0 W 0 1100 1161 11A8 None None None HANGUL SYLLABLE GAG
# expect: 0xd800 Cs L 0 N 0  None None None -
# expect: 0x1f600 So ON 0 W 0  None None None GRINNING FACE
# expect: 0x378 Cn  0 N 0  None None None -
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    print(form, [ascii(u.normalize(form, s)) for s in ("e\u0301\u0323", "\ufb01\u00c5", "\u1100\u1161\u11a8", "\uac01", "\u1e9b\u0323", "a\u0315\u0300\u05ae")], u.is_normalized(form, "é"))
# expect: NFC ["'\\u1eb9\\u0301'", "'\\ufb01\\xc5'", "'\\uac01'", "'\\uac01'", "'\\u1e9b\\u0323'", "'\\xe0\\u05ae\\u0315'"] True
# expect: NFD ["'e\\u0323\\u0301'", "'\\ufb01A\\u030a'", "'\\u1100\\u1161\\u11a8'", "'\\u1100\\u1161\\u11a8'", "'\\u017f\\u0323\\u0307'", "'a\\u05ae\\u0300\\u0315'"] False
# expect: NFKC ["'\\u1eb9\\u0301'", "'fi\\xc5'", "'\\uac01'", "'\\uac01'", "'\\u1e69'", "'\\xe0\\u05ae\\u0315'"] True
# expect: NFKD ["'e\\u0323\\u0301'", "'fiA\\u030a'", "'\\u1100\\u1161\\u11a8'", "'\\u1100\\u1161\\u11a8'", "'s\\u0323\\u0307'", "'a\\u05ae\\u0300\\u0315'"] False
print(u.lookup("LATIN SMALL LETTER A"), u.lookup("keycap digit one"), u.lookup("LATIN SMALL LETTER GHA"), u.unidata_version, u.ucd_3_2_0.unidata_version)
# expect: a 1️⃣ ƣ 16.0.0 3.2.0
print(u.ucd_3_2_0.category("\u0221"), u.category("\u0221"), u.ucd_3_2_0.normalize("NFC", "\U0002f868") == "\U0002136a")
# expect: Cn Ll True
for f in (lambda: u.name("\0"), lambda: u.lookup("nothing"), lambda: u.name("ab"), lambda: u.decimal("a"), lambda: u.normalize("X", "a"), lambda: u.category(1), lambda: u.numeric("a"), lambda: u.ucd_3_2_0.name("\u0221")):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
# expect: ValueError no such name
# expect: KeyError "undefined character name 'nothing'"
# expect: TypeError name(): argument 1 must be a unicode character, not a string of length 2
# expect: ValueError not a decimal
# expect: ValueError invalid normalization form
# expect: TypeError category() argument must be a unicode character, not int
# expect: ValueError not a numeric character
# expect: ValueError no such name
