# HZ: seven-bit GB 2312.
import codecs


def show(action):
    try:
        print(ascii(action()))
    except Exception as error:
        print(type(error).__name__, error)


text = "a~b\u65e5\u672cc\n\u4e2d"
coded = text.encode("hz")
show(lambda: coded)  # expect: b'a~~b~{HU1>~}c\n~{VP~}'
show(lambda: coded.decode("hz") == text)  # expect: True
show(lambda: "\U0001f600".encode("hz"))
# expect: UnicodeEncodeError 'hz' codec can't encode character '\U0001f600' in position 0: illegal multibyte sequence
show(lambda: "x\u65e5\u20acy".encode("hz", "replace"))  # expect: b'x~{HU~}?y'
show(lambda: b"a\xffb".decode("hz", "replace"))  # expect: 'a\ufffdb'
show(lambda: b"~{HU~}".decode("hz"))  # expect: '\u65e5'
show(lambda: b"ab~".decode("hz"))
# expect: UnicodeDecodeError 'hz' codec can't decode byte 0x7e in position 2: incomplete multibyte sequence
decoder = codecs.getincrementaldecoder("hz")()
show(lambda: "".join(decoder.decode(coded[at:at + 1]) for at in range(len(coded))) + decoder.decode(b"", True) == text)  # expect: True
