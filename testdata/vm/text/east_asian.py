# encodings of East Asia
for name, text in (("shift_jis", "日本語"), ("gbk", "中文"), ("gb18030", "中文😀"), ("big5", "繁體"), ("euc_kr", "한국어"), ("euc_jp", "日本"), ("iso2022_jp", "日本"), ("cp949", "한글")):
    raw = text.encode(name)
    print(name, raw, raw.decode(name) == text)
# expect: shift_jis b'\x93\xfa\x96{\x8c\xea' True
# expect: gbk b'\xd6\xd0\xce\xc4' True
# expect: gb18030 b'\xd6\xd0\xce\xc4\x949\xfc6' True
# expect: big5 b'\xc1c\xc5\xe9' True
# expect: euc_kr b'\xc7\xd1\xb1\xb9\xbe\xee' True
# expect: euc_jp b'\xc6\xfc\xcb\xdc' True
# expect: iso2022_jp b'\x1b$BF|K\\\x1b(B' True
# expect: cp949 b'\xc7\xd1\xb1\xdb' True
for change in (lambda: "ü€".encode("big5"), lambda: b"ab\xff".decode("shift_jis"), lambda: b"\x93".decode("shift_jis")):
    try:
        print(change())
    except UnicodeError as e:
        print(type(e).__name__, e.start, e.end, e.encoding)
# expect: UnicodeEncodeError 0 1 big5
# expect: UnicodeDecodeError 2 3 shift_jis
# expect: UnicodeDecodeError 0 1 shift_jis
print("日x€本".encode("euc_jp", "replace"), b"\x93\xfa\xffz".decode("shift_jis", "replace"), b"a\xff".decode("gbk", "ignore"))
# expect: b'\xc6\xfcx?\xcb\xdc' 日�z a
import codecs
decoder = codecs.getincrementaldecoder("gbk")()
print([decoder.decode(bytes([byte])) for byte in "中a文".encode("gbk")])  # expect: ['', '中', 'a', '', '文']
source = "# coding: shift_jis\nword = '日本'\n".encode("shift_jis")
space = {}
exec(source, space)
print(space["word"])  # expect: 日本
