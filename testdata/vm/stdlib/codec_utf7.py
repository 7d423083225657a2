# UTF-7 (RFC 2152), and what the machine says of arguments with wrong names.
import codecs

for text in ("plain, text-", "a+b", "hi \xe4\u20ac!", "\U0001f600x", "\xe4-\xe4", "~\\", "\t\r\n\0"):
    data = text.encode("utf-7")
    print(data, data.decode("utf-7") == text)
# expect: b'plain, text-' True
# expect: b'a+-b' True
# expect: b'hi +AOQgrA!' True
# expect: b'+2D3eAA-x' True
# expect: b'+AOQ--+AOQ-' True
# expect: b'+AH4AXA-' True
# expect: b'\t\r\n+AAA-' True
for data in (b"\xff", b"+\xe4", b"+A-", b"+AOT-", b"a+AOQ", b"+AGE.+2D0-x"):
    for errors in ("strict", "replace", "ignore"):
        try:
            print(ascii(data.decode("utf-7", errors)))
        except UnicodeDecodeError as error:
            print(error)
# expect: 'utf7' codec can't decode byte 0xff in position 0: unexpected special character
# expect: '\ufffd'
# expect: ''
# expect: 'utf7' codec can't decode bytes in position 0-1: ill-formed sequence
# expect: '\ufffd'
# expect: ''
# expect: 'utf7' codec can't decode bytes in position 0-2: partial character in shift sequence
# expect: '\ufffd'
# expect: ''
# expect: 'utf7' codec can't decode bytes in position 0-4: non-zero padding bits in shift sequence
# expect: '\xe4\ufffd'
# expect: '\xe4'
# expect: 'a\xe4'
# expect: 'a\xe4'
# expect: 'a\xe4'
# expect: 'a.\ud83dx'
# expect: 'a.\ud83dx'
# expect: 'a.\ud83dx'
decoder = codecs.getincrementaldecoder("utf-7")()
print(ascii([decoder.decode(bytes([byte])) for byte in b"a+AOQ-b"]), decoder.decode(b"", True) == "")
# expect: ['a', '', '', '', '', '\xe4', 'b'] True
for call in (lambda: sorted([1], kee=1), lambda: int("1", bas=3), lambda: "".split(seb=1), lambda: "".split(zzzz=1)):
    try:
        call()
    except TypeError as error:
        print(error)
# expect: sort() got an unexpected keyword argument 'kee'. Did you mean 'key'?
# expect: int() got an unexpected keyword argument 'bas'. Did you mean 'base'?
# expect: split() got an unexpected keyword argument 'seb'. Did you mean 'sep'?
# expect: split() got an unexpected keyword argument 'zzzz'
