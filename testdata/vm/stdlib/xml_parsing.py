# xml: expat's events and errors, ElementTree, minidom, sax, pull parsing
import xml.etree.ElementTree as ET, io
from xml.parsers import expat
from xml.dom import minidom
import xml.sax
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
events = []
p = expat.ParserCreate(namespace_separator="!")
for name in "StartElementHandler EndElementHandler CharacterDataHandler CommentHandler ProcessingInstructionHandler StartCdataSectionHandler StartNamespaceDeclHandler XmlDeclHandler StartDoctypeDeclHandler EntityDeclHandler".split():
    setattr(p, name, lambda *a, n=name: events.append((n.removesuffix("Handler"), *a)))
text = '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE r [<!ENTITY e "ent&#105;ty"><!ATTLIST r d CDATA "def">]><r xmlns:n="urn:n" a="1&amp;2"><!--c--><n:x n:b="v"/>é&e;&lt;<![CDATA[<raw>]]><?pi data?></r>'
for piece in text.encode()[:90], text.encode()[90:]:
    p.Parse(piece)
p.Parse(b"", True)
for event in events:
    print(event)
# expect: ('XmlDecl', '1.0', 'utf-8', -1)
# expect: ('StartDoctypeDecl', 'r', None, None, 1)
# expect: ('EntityDecl', 'e', 0, 'entity', None, None, None, None)
# expect: ('StartNamespaceDecl', 'n', 'urn:n')
# expect: ('StartElement', 'r', {'a': '1&2', 'd': 'def'})
# expect: ('Comment', 'c')
# expect: ('StartElement', 'urn:n!x', {'urn:n!b': 'v'})
# expect: ('EndElement', 'urn:n!x')
# expect: ('CharacterData', 'é')
# expect: ('CharacterData', 'entity')
# expect: ('CharacterData', '<')
# expect: ('StartCdataSection',)
# expect: ('CharacterData', '<raw>')
# expect: ('ProcessingInstruction', 'pi', 'data')
# expect: ('EndElement', 'r')
for bad in ("", "<a>", "<a></b>", "<a", "<a b=1/>", '<a b="1" b="2"/>', "<a/><b/>", "<a>&x;</a>", "<a>&#0;</a>", "text", "<a><![CDATA[x</a>", "<a>]]></a>", '<!DOCTYPE a [<!ENTITY x "&x;">]><a>&x;</a>', "<n:a/>"):
    q = expat.ParserCreate(namespace_separator=" " if "n:" in bad else None)
    try:
        print(repr(bad), q.Parse(bad, True))
    except expat.ExpatError as e:
        print(repr(bad), e.code, expat.ErrorString(e.code))
# expect: '' 3 no element found
# expect: '<a>' 3 no element found
# expect: '<a></b>' 7 mismatched tag
# expect: '<a' 5 unclosed token
# expect: '<a b=1/>' 4 not well-formed (invalid token)
# expect: '<a b="1" b="2"/>' 8 duplicate attribute
# expect: '<a/><b/>' 9 junk after document element
# expect: '<a>&x;</a>' 11 undefined entity
# expect: '<a>&#0;</a>' 14 reference to invalid character number
# expect: 'text' 2 syntax error
# expect: '<a><![CDATA[x</a>' 20 unclosed CDATA section
# expect: '<a>]]></a>' 4 not well-formed (invalid token)
# expect: '<!DOCTYPE a [<!ENTITY x "&x;">]><a>&x;</a>' 12 recursive entity reference
# expect: '<n:a/>' 27 unbound prefix
root = ET.fromstring("<a x='1'><b>t &amp; x</b>tail<c/><b k='v'/></a>")
print(ET.tostring(root), [b.attrib for b in root.iter("b")], root.find("b").text, root[0].tail)
# expect: b'<a x="1"><b>t &amp; x</b>tail<c /><b k="v" /></a>' [{}, {'k': 'v'}] t & x tail
attempt(lambda: ET.fromstring("<a>\n<b></a>"))
# expect: ParseError mismatched tag: line 2, column 5
print([(e, el.tag) for e, el in ET.iterparse(io.BytesIO(b"<r><i/><i>1</i></r>"), ("start", "end"))])
# expect: [('start', 'r'), ('start', 'i'), ('end', 'i'), ('start', 'i'), ('end', 'i'), ('end', 'r')]
print(ET.canonicalize("<a  z='1' b='2'><x/></a>"), minidom.parseString("<a><b c='d'>e</b></a>").documentElement.toxml())
# expect: <a b="2" z="1"><x></x></a> <a><b c="d">e</b></a>
class Handler(xml.sax.ContentHandler):
    def startElement(self, name, attrs):
        print("start", name, dict(attrs))
    def characters(self, content):
        print("text", content)
xml.sax.parseString(b"<a k='1'>hi</a>", Handler())
# expect: start a {'k': '1'}
# expect: text hi
bomb = '<!DOCTYPE b [<!ENTITY a0 "aaaaaaaaaa">' + "".join(f'<!ENTITY a{i} "{("&a%d;" % (i - 1)) * 10}">' for i in range(1, 10)) + "]><b>&a9;</b>"
try:
    expat.ParserCreate().Parse(bomb, True)
except expat.ExpatError as e:
    print(e.code)
# expect: 43
