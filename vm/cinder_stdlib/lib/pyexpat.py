"""A parser of XML 1.0 with the interface of Expat.

Text is cut into tokens by regular expressions; a token that is not complete waits for more data. Internal entities are expanded with limits on
their depth and size. External entities are left to the program.
"""

import codecs as _codecs
import re as _re
import sys as _sys
import types as _types

EXPAT_VERSION = "expat_2.7.1"
version_info = (2, 7, 1)
native_encoding = "UTF-8"
features = [("sizeof(XML_Char)", 1), ("sizeof(XML_LChar)", 1), ("XML_DTD", 0), ("XML_CONTEXT_BYTES", 1024), ("XML_NS", 0), ("XML_GE", 0)]
XML_PARAM_ENTITY_PARSING_NEVER = 0
XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE = 1
XML_PARAM_ENTITY_PARSING_ALWAYS = 2

_MESSAGES = {
    1: ("NO_MEMORY", "out of memory"),
    2: ("SYNTAX", "syntax error"),
    3: ("NO_ELEMENTS", "no element found"),
    4: ("INVALID_TOKEN", "not well-formed (invalid token)"),
    5: ("UNCLOSED_TOKEN", "unclosed token"),
    6: ("PARTIAL_CHAR", "partial character"),
    7: ("TAG_MISMATCH", "mismatched tag"),
    8: ("DUPLICATE_ATTRIBUTE", "duplicate attribute"),
    9: ("JUNK_AFTER_DOC_ELEMENT", "junk after document element"),
    10: ("PARAM_ENTITY_REF", "illegal parameter entity reference"),
    11: ("UNDEFINED_ENTITY", "undefined entity"),
    12: ("RECURSIVE_ENTITY_REF", "recursive entity reference"),
    13: ("ASYNC_ENTITY", "asynchronous entity"),
    14: ("BAD_CHAR_REF", "reference to invalid character number"),
    15: ("BINARY_ENTITY_REF", "reference to binary entity"),
    16: ("ATTRIBUTE_EXTERNAL_ENTITY_REF", "reference to external entity in attribute"),
    17: ("MISPLACED_XML_PI", "XML or text declaration not at start of entity"),
    18: ("UNKNOWN_ENCODING", "unknown encoding"),
    19: ("INCORRECT_ENCODING", "encoding specified in XML declaration is incorrect"),
    20: ("UNCLOSED_CDATA_SECTION", "unclosed CDATA section"),
    21: ("EXTERNAL_ENTITY_HANDLING", "error in processing external entity reference"),
    22: ("NOT_STANDALONE", "document is not standalone"),
    23: ("UNEXPECTED_STATE", "unexpected parser state - please send a bug report"),
    24: ("ENTITY_DECLARED_IN_PE", "entity declared in parameter entity"),
    25: ("FEATURE_REQUIRES_XML_DTD", "requested feature requires XML_DTD support in Expat"),
    26: ("CANT_CHANGE_FEATURE_ONCE_PARSING", "cannot change setting once parsing has begun"),
    27: ("UNBOUND_PREFIX", "unbound prefix"),
    28: ("UNDECLARING_PREFIX", "must not undeclare prefix"),
    29: ("INCOMPLETE_PE", "incomplete markup in parameter entity"),
    30: ("XML_DECL", "XML declaration not well-formed"),
    31: ("TEXT_DECL", "text declaration not well-formed"),
    32: ("PUBLICID", "illegal character(s) in public id"),
    33: ("SUSPENDED", "parser suspended"),
    34: ("NOT_SUSPENDED", "parser not suspended"),
    35: ("ABORTED", "parsing aborted"),
    36: ("FINISHED", "parsing finished"),
    37: ("SUSPEND_PE", "cannot suspend in external parameter entity"),
    38: ("RESERVED_PREFIX_XML", "reserved prefix (xml) must not be undeclared or bound to another namespace name"),
    39: ("RESERVED_PREFIX_XMLNS", "reserved prefix (xmlns) must not be declared or undeclared"),
    40: ("RESERVED_NAMESPACE_URI", "prefix must not be bound to one of the reserved namespace names"),
    41: ("INVALID_ARGUMENT", "invalid argument"),
    42: ("NO_BUFFER", "a successful prior call to function XML_GetBuffer was required"),
    43: ("AMPLIFICATION_LIMIT_BREACH", "limit on input amplification factor (from DTD and entities) breached"),
    44: ("NOT_STARTED", "parser not started"),
}

errors = _types.ModuleType("pyexpat.errors", "Constants used to describe error conditions.")
errors.codes = {}
errors.messages = {}
for _code, (_name, _text) in _MESSAGES.items():
    setattr(errors, "XML_ERROR_" + _name, _text)
    errors.codes[_text] = _code
    errors.messages[_code] = _text
model = _types.ModuleType("pyexpat.model", "Constants used to interpret content model information.")
for _code, _name in enumerate(("EMPTY", "ANY", "MIXED", "NAME", "CHOICE", "SEQ"), 1):
    setattr(model, "XML_CTYPE_" + _name, _code)
for _code, _name in enumerate(("NONE", "OPT", "REP", "PLUS")):
    setattr(model, "XML_CQUANT_" + _name, _code)
_sys.modules["pyexpat.errors"] = errors
_sys.modules["pyexpat.model"] = model


class ExpatError(Exception):
    pass


ExpatError.__module__ = "xml.parsers.expat"
error = ExpatError


def ErrorString(code, /):
    return errors.messages.get(code)


_START = ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_NAME = f"[{_START}][{_START}\\-.0-9\xb7\u0300-\u036f\u203f\u2040]*"
_name = _re.compile(_NAME)
_bad_char = _re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_space = _re.compile(r"[ \t\r\n]*")
_attribute = _re.compile(rf"""[ \t\r\n]+({_NAME})[ \t\r\n]*=[ \t\r\n]*("[^"<]*"|'[^'<]*')""")
_start_tag = _re.compile(rf"<({_NAME})")
_end_tag = _re.compile(rf"</({_NAME})[ \t\r\n]*>")
_reference = _re.compile(rf"&(?:#([0-9]+)|#x([0-9a-fA-F]+)|({_NAME}));")
_tag_end = _re.compile(r"""(?:[^"'<>]|"[^"]*"|'[^']*')*>""")
_declaration = _re.compile(
    r"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"(1\.[0-9]+)"|'(1\.[0-9]+)')"""
    r"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][A-Za-z0-9._-]*)"|'([A-Za-z][A-Za-z0-9._-]*)'))?"""
    r"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(yes|no)"|'(yes|no)'))?[ \t\r\n]*\?>""")
_text_declaration = _re.compile(
    r"""<\?xml(?:[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"[^"]*"|'[^']*'))?"""
    r"""[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][A-Za-z0-9._-]*)"|'([A-Za-z][A-Za-z0-9._-]*)')[ \t\r\n]*\?>""")
_BUILTIN = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_MAX_DEPTH = 40
_MAX_EXPANSION = 8 * 1024 * 1024
_XML_URI = "http://www.w3.org/XML/1998/namespace"
_XMLNS_URI = "http://www.w3.org/2000/xmlns/"
_HANDLERS = (
    "StartElementHandler EndElementHandler ProcessingInstructionHandler CharacterDataHandler UnparsedEntityDeclHandler NotationDeclHandler "
    "StartNamespaceDeclHandler EndNamespaceDeclHandler CommentHandler StartCdataSectionHandler EndCdataSectionHandler DefaultHandler "
    "DefaultHandlerExpand NotStandaloneHandler ExternalEntityRefHandler StartDoctypeDeclHandler EndDoctypeDeclHandler EntityDeclHandler "
    "XmlDeclHandler ElementDeclHandler AttlistDeclHandler SkippedEntityHandler").split()


class _Wait(Exception):
    """The token at hand is not complete."""


class _Entity:
    def __init__(self, value, base, system, public, notation):
        self.value = value
        self.base = base
        self.system = system
        self.public = public
        self.notation = notation
        self.is_open = False


def ParserCreate(encoding=None, namespace_separator=None, intern=None):
    """Return a new XML parser object."""
    for what, value in (("encoding", encoding), ("namespace_separator", namespace_separator)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"ParserCreate() argument {what!r} must be str or None, not {type(value).__name__}")
    if namespace_separator is not None and len(namespace_separator) > 1:
        raise ValueError("namespace_separator must be at most one character, omitted, or None")
    if intern is not None and not isinstance(intern, dict):
        raise TypeError("intern must be a dictionary")
    parser = object.__new__(xmlparser)
    parser._setup(encoding, namespace_separator, {} if intern is None else intern)
    return parser


class xmlparser:
    """XML parser"""

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create 'pyexpat.xmlparser' instances")

    def _setup(self, encoding, separator, intern):
        put = object.__setattr__
        for name in _HANDLERS:
            put(self, name, None)
        self._encoding = encoding
        self._separator = separator
        self.intern = intern
        put(self, "buffer_text", False)
        put(self, "_buffer_size", 8192)
        self._pending = []
        self._pending_len = 0
        self.ordered_attributes = False
        self.specified_attributes = False
        self.namespace_prefixes = False
        self._base = None
        self._raw = b""
        self._decode = None
        self._text = ""
        self._at = 0
        self._line, self._column, self._byte = 1, 0, 0
        self._error = None
        self._finished = False
        self._failed = None
        self._is_parsing = False
        self._stack = []
        self._scopes = [{"xml": _XML_URI}]
        self._entities = {}
        self._parameters = {}
        self._defaults = {}
        self._state = "start"
        self._is_fragment = False
        self._has_dtd = False
        self._standalone = False
        self._expanded = 0
        self._depth = 0
        self._in_cdata = False
        self._last_cr = False
        self._param_parsing = 0
        self._foreign = False
        self._deferral = True

    # ---- attributes ----

    def __setattr__(self, name, value):
        if name in _HANDLERS:
            if name == "CharacterDataHandler":
                self._flush()
            object.__setattr__(self, name, value)
            return
        if name == "buffer_text":
            value = bool(value)
            if not value:
                self._flush()
        elif name == "buffer_size":
            if not isinstance(value, int):
                raise TypeError("buffer_size must be an integer")
            if value <= 0:
                raise ValueError("buffer_size must be greater than zero")
            if value > 0x7FFFFFFF:
                raise ValueError("buffer_size must not be greater than 2147483647")
            self._flush()
            name = "_buffer_size"
        elif name in ("ordered_attributes", "specified_attributes", "namespace_prefixes"):
            value = bool(value)
        elif not name.startswith("_") and name != "intern":
            raise AttributeError(f"'pyexpat.xmlparser' object has no attribute '{name}'")
        object.__setattr__(self, name, value)

    @property
    def buffer_size(self):
        return self._buffer_size

    @property
    def buffer_used(self):
        return self._pending_len

    @property
    def CurrentLineNumber(self):
        return self._line

    @property
    def CurrentColumnNumber(self):
        return self._column

    @property
    def CurrentByteIndex(self):
        return self._byte if self._decode is not None else -1

    ErrorLineNumber = CurrentLineNumber
    ErrorColumnNumber = CurrentColumnNumber
    ErrorByteIndex = CurrentByteIndex

    @property
    def ErrorCode(self):
        return self._error or 0

    def SetBase(self, base, /):
        self._base = base

    def GetBase(self):
        return self._base

    def GetInputContext(self):
        return self._text[self._at:].encode("utf-8", "surrogatepass") if self._text else None

    def SetParamEntityParsing(self, flag, /):
        self._param_parsing = flag
        return 1

    def UseForeignDTD(self, flag=True, /):
        if self._decode is not None:
            self._raise(26)
        self._foreign = bool(flag)

    def SetReparseDeferralEnabled(self, enabled, /):
        self._deferral = bool(enabled)

    def GetReparseDeferralEnabled(self):
        return self._deferral

    def ExternalEntityParserCreate(self, context, encoding=None, /):
        parser = object.__new__(xmlparser)
        parser._setup(encoding, self._separator, self.intern)
        for name in _HANDLERS:
            object.__setattr__(parser, name, getattr(self, name))
        for name in ("ordered_attributes", "specified_attributes", "namespace_prefixes", "_entities", "_parameters", "_defaults", "_base", "buffer_text", "_buffer_size"):
            object.__setattr__(parser, name, getattr(self, name))
        parser._scopes = list(self._scopes)
        parser._is_fragment = True
        parser._state = "content" if context is not None else "subset"
        return parser

    # ---- input ----

    def Parse(self, data, isfinal=False, /):
        if self._failed is not None:
            raise self._failed
        if self._finished:
            self._raise(36)
        if self._is_parsing:
            raise RuntimeError("cannot call Parse() from within a handler")
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogatepass")
            if self._decode is None:
                self._encoding = "utf-8"
        else:
            data = bytes(data)
        self._raw += data
        self._is_parsing = True
        try:
            self._feed(isfinal)
            self._run(isfinal)
            if isfinal:
                self._finished = True
                self._finish()
        except ExpatError as e:
            object.__setattr__(self, "_failed", e)
            raise
        finally:
            self._is_parsing = False
        self._flush()
        return 1

    def ParseFile(self, file, /):
        read = getattr(file, "read", None)
        if read is None:
            raise TypeError("argument must have 'read' attribute")
        while True:
            data = read(2048)
            if not isinstance(data, (bytes, bytearray)):
                raise TypeError(f"read() did not return a bytes object (type={type(data).__name__})")
            if len(data) > 2048:
                raise ValueError(f"read() returned too much data: 2048 bytes requested, {len(data)} returned")
            self.Parse(data, not data)
            if not data:
                return 1

    def _feed(self, final):
        """Decodes what has come."""
        if self._decode is None:
            if len(self._raw) < 4 and not final:
                return
            name = self._encoding or self._guess(final)
            if name is None:
                return
            self._start_decoding(name)
        try:
            text = self._decode.decode(self._raw, final)
        except UnicodeDecodeError as e:
            good = self._raw[:e.start]
            self._raw = b""
            self._text = self._text[self._at:] + good.decode(e.encoding, "replace")
            self._at = 0
            self._run(False)
            self._raise(4 if not (final and "unexpected end" in e.reason) else 6)
        self._raw = b""
        if self._last_cr:
            text = "\r" + text
        self._last_cr = text.endswith("\r") and not final
        if self._last_cr:
            text = text[:-1]
        self._text = self._text[self._at:] + text
        self._at = 0

    def _start_decoding(self, name):
        try:
            found = _codecs.lookup(name)
            if not found._is_text_encoding:
                raise LookupError
            self._decode = found.incrementaldecoder("strict")
        except LookupError:
            self._raise(18)

    def _guess(self, final):
        raw = self._raw
        for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
            if raw.startswith(mark):
                return name
        if raw.startswith(b"<\0"):
            return "utf-16-le"
        if raw.startswith(b"\0<"):
            return "utf-16-be"
        if raw.startswith(b"<?xml"):
            end = raw.find(b"?>")
            if end < 0:
                return "utf-8" if final or len(raw) > 1024 else None
            match = _re.search(rb"""encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][A-Za-z0-9._-]*)["']""", raw[:end])
            if match:
                name = match[1].decode("ascii")
                return "utf-8" if name.lower().startswith("utf-16") else name
        return "utf-8"

    # ---- position and errors ----

    def _advance(self, end):
        text, at = self._text, self._at
        breaks = text.count("\n", at, end)
        if breaks or "\r" in text[at:end]:
            piece = text[at:end].replace("\r\n", "\n").replace("\r", "\n")
            self._line += piece.count("\n")
            self._column = len(piece) - piece.rfind("\n") - 1
        else:
            self._column += end - at
        piece = text[at:end]
        self._byte += len(piece) if piece.isascii() else len(piece.encode("utf-8", "surrogatepass"))
        self._at = end

    def _raise(self, code, at=None):
        if at is not None:
            self._advance(at)
        self._flush()
        self._error = code
        text = errors.messages[code]
        e = ExpatError(f"{text}: line {self._line}, column {self._column}")
        e.code = code
        e.lineno = self._line
        e.offset = self._column
        raise e

    def _check(self, start, end):
        match = _bad_char.search(self._text, start, end)
        if match:
            self._raise(4, match.start())

    # ---- output ----

    def _default(self, text):
        handler = self.DefaultHandlerExpand or self.DefaultHandler
        if handler is not None:
            self._flush()
            handler(text)

    def _flush(self):
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            self._pending_len = 0
            if self.CharacterDataHandler is not None:
                self.CharacterDataHandler(text)

    def _characters(self, text):
        if self.CharacterDataHandler is None:
            self._default(text)
            return
        if not self.buffer_text:
            self.CharacterDataHandler(text)
            return
        if self._pending_len + len(text) > self._buffer_size:
            self._flush()
            if len(text) > self._buffer_size:
                self.CharacterDataHandler(text)
                return
        self._pending.append(text)
        self._pending_len += len(text)

    def _lines(self, text):
        """Character data as Expat cuts it: line breaks stand alone."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if self.buffer_text or "\n" not in text:
            if text:
                self._characters(text)
            return
        for piece in _re.split("(\n)", text):
            if piece:
                self._characters(piece)

    def _shared(self, text):
        return self.intern.setdefault(text, text)

    # ---- the document ----

    def _run(self, final):
        try:
            while self._at < len(self._text):
                self._step(final)
        except _Wait:
            if final:
                if self._in_cdata:
                    self._raise(20)
                self._raise(5)

    def _finish(self):
        if self._in_cdata:
            self._raise(20)
        if self._is_fragment:
            if self._stack:
                self._raise(13)
            return
        if self._state != "epilog":
            self._raise(3)

    def _step(self, final):
        if self._in_cdata:
            self._cdata(final)
            return
        state = self._state
        if state == "start":
            self._prolog_start(final)
        elif state == "content":
            self._content(final)
        elif state == "subset":
            self._subset(final)
        else:
            self._misc(final)

    def _prolog_start(self, final):
        text = self._text
        if text.startswith("\ufeff", self._at):
            self._at += 1
            self._byte += 3
        if len(text) - self._at < 6 and not final and "<?xml".startswith(text[self._at:self._at + 5]):
            raise _Wait
        self._state = "content" if self._is_fragment else "prolog"
        if _re.compile(r"<\?xml[ \t\r\n]").match(text, self._at):
            end = text.find("?>", self._at)
            if end < 0:
                self._state = "start"
                raise _Wait
            match = _declaration.match(text, self._at)
            if match is None:
                self._raise(30)
            version = match[1] or match[2]
            encoding = match[3] or match[4]
            standalone = match[5] or match[6]
            self._standalone = standalone == "yes"
            if self.XmlDeclHandler is not None:
                self.XmlDeclHandler(version, encoding, -1 if standalone is None else int(standalone == "yes"))
            else:
                self._default(match[0])
            self._advance(match.end())

    def _misc(self, final):
        """Around the document element."""
        text, at = self._text, self._at
        end = _space.match(text, at).end()
        if end > at:
            self._default(text[at:end])
            self._advance(end)
            return
        if text[at] != "<":
            self._raise(9 if self._state == "epilog" else 2 if _name.match(text, at) or text[at] in "&" else 4)
        if at + 1 >= len(text):
            raise _Wait
        c = text[at + 1]
        if c == "?":
            self._instruction()
        elif c == "!":
            if text.startswith("<!--", at):
                self._comment()
            elif "<!--".startswith(text[at:at + 4]) or "<!DOCTYPE".startswith(text[at:at + 9]) and len(text) - at < 9:
                raise _Wait
            elif text.startswith("<!DOCTYPE", at) and self._state == "prolog" and not self._has_dtd:
                self._doctype()
            else:
                self._raise(2)
        elif self._state == "epilog":
            self._raise(9)
        elif c == "/":
            self._raise(4)
        else:
            self._start_element(final)

    def _content(self, final):
        text, at = self._text, self._at
        c = text[at]
        if c == "<":
            if at + 1 >= len(text):
                raise _Wait
            c = text[at + 1]
            if c == "/":
                self._end_element()
            elif c == "?":
                self._instruction()
            elif c == "!":
                if text.startswith("<!--", at):
                    self._comment()
                elif text.startswith("<![CDATA[", at):
                    self._flush()
                    if self.StartCdataSectionHandler is not None:
                        self.StartCdataSectionHandler()
                    else:
                        self._default("<![CDATA[")
                    self._advance(at + 9)
                    self._in_cdata = True
                elif "<!--".startswith(text[at:at + 4]) or "<![CDATA[".startswith(text[at:at + 9]):
                    raise _Wait
                else:
                    self._raise(4, at + 2)
            else:
                self._start_element(final)
        elif c == "&":
            self._content_reference(final)
        else:
            self._text_run(final)

    def _text_run(self, final):
        text, at = self._text, self._at
        end = len(text)
        for mark in "<&":
            found = text.find(mark, at, end)
            if found >= 0:
                end = found
        self._check(at, end)
        bad = text.find("]]>", at, end)
        if bad >= 0:
            self._raise(4, bad)
        if end == len(text) and not final:
            # What may be the start of "]]>" waits.
            while end > at and text[end - 1] == "]":
                end -= 1
            if end == at:
                raise _Wait
        self._lines(text[at:end])
        self._advance(end)

    def _cdata(self, final):
        text, at = self._text, self._at
        end = text.find("]]>", at)
        if end < 0:
            stop = len(text)
            while stop > at and text[stop - 1] == "]":
                stop -= 1
            if stop == at or final:
                raise _Wait
            self._check(at, stop)
            self._lines(text[at:stop])
            self._advance(stop)
            return
        self._check(at, end)
        if end > at:
            self._lines(text[at:end])
        self._advance(end + 3)
        self._in_cdata = False
        self._flush()
        if self.EndCdataSectionHandler is not None:
            self.EndCdataSectionHandler()
        else:
            self._default("]]>")

    def _instruction(self):
        text, at = self._text, self._at
        match = _name.match(text, at + 2)
        end = text.find("?>", at + 2)
        if match is None:
            if len(text) <= at + 2:
                raise _Wait
            self._raise(4, at + 2)
        if end < 0:
            raise _Wait
        target = match[0]
        if target.lower() == "xml":
            self._raise(17 if target == "xml" else 4, at if target == "xml" else at + 2)
        if match.end() != end and text[match.end()] not in " \t\r\n":
            self._raise(4, match.end())
        self._check(match.end(), end)
        data = text[_space.match(text, match.end()).end():end].replace("\r\n", "\n").replace("\r", "\n")
        self._flush()
        if self.ProcessingInstructionHandler is not None:
            self.ProcessingInstructionHandler(self._shared(target), data)
        else:
            self._default(text[at:end + 2])
        self._advance(end + 2)

    def _comment(self):
        text, at = self._text, self._at
        end = text.find("--", at + 4)
        if end < 0 or end + 2 >= len(text):
            raise _Wait
        if text[end + 2] != ">":
            self._raise(4, end + 2)
        self._check(at, end)
        self._flush()
        if self.CommentHandler is not None:
            self.CommentHandler(text[at + 4:end].replace("\r\n", "\n").replace("\r", "\n"))
        else:
            self._default(text[at:end + 3])
        self._advance(end + 3)

    # ---- elements ----

    def _start_element(self, final):
        text, at = self._text, self._at
        match = _start_tag.match(text, at)
        if match is None:
            self._raise(4, at + 1)
        if _tag_end.match(text, match.end()) is None:
            lone = text.find("<", at + 1)
            if lone >= 0:
                self._attributes(match.end())
                self._raise(4, lone)
            raise _Wait
        name = match[1]
        given, end = self._attributes(match.end())
        end = _space.match(text, end).end()
        is_empty = text.startswith("/>", end)
        if not is_empty and not text.startswith(">", end):
            self._raise(4, end)
        end += 2 if is_empty else 1
        attributes, specified = {}, 0
        declared = self._defaults.get(name, {})
        for key, value, place in given:
            if key in attributes:
                self._raise(8, place)
            value = self._attribute_value(value[1:-1], place + len(key))
            if declared.get(key, ("CDATA",))[0] != "CDATA":
                value = " ".join(value.split(" ")).strip() if value else value
                value = _re.sub(" +", " ", value)
            attributes[key] = value
        if not self.specified_attributes:
            for key, (_, default) in declared.items():
                if default is not None and key not in attributes:
                    attributes[key] = default
        pairs = list(attributes.items())
        shown, bound = name, []
        if self._separator is not None:
            shown, pairs, bound = self._resolve(name, pairs)
        self._flush()
        if not self._is_fragment or self._state != "content":
            self._state = "content"
        if self.StartElementHandler is not None:
            shown_pairs = [(self._shared(key), value) for key, value in pairs]
            if self.ordered_attributes:
                flat = [part for pair in shown_pairs for part in pair]
                self.StartElementHandler(self._shared(shown), flat)
            else:
                self.StartElementHandler(self._shared(shown), dict(shown_pairs))
        else:
            self._default(text[at:end])
        self._stack.append((name, shown, bound))
        if is_empty:
            self._pop(None)
        self._advance(end)

    def _attributes(self, at):
        text, found = self._text, []
        while match := _attribute.match(text, at):
            self._check(match.start(), match.end())
            found.append((match[1], match[2], match.start(1)))
            at = match.end()
        return found, at

    def _end_element(self):
        text, at = self._text, self._at
        match = _end_tag.match(text, at)
        if match is None:
            if text.find(">", at) < 0:
                name = _name.match(text, at + 2)
                if name is not None and _space.match(text, name.end()).end() == len(text) or len(text) == at + 2:
                    raise _Wait
            name = _name.match(text, at + 2)
            self._raise(4, name.end() if name else at + 2)
        if not self._stack or self._stack[-1][0] != match[1]:
            if self._is_fragment and not self._stack:
                self._raise(13)
            self._raise(7, at + 2)
        self._flush()
        self._pop(text[at:match.end()])
        self._advance(match.end())

    def _pop(self, raw):
        name, shown, bound = self._stack.pop()
        if self.EndElementHandler is not None:
            self.EndElementHandler(self._shared(shown))
        elif raw is not None:
            self._default(raw)
        if self._separator is not None:
            self._scopes.pop()
            for prefix in reversed(bound):
                if self.EndNamespaceDeclHandler is not None:
                    self.EndNamespaceDeclHandler(prefix)
        if not self._stack and not self._is_fragment and not self._depth:
            self._state = "epilog"

    def _resolve(self, name, pairs):
        scope, bound, rest = dict(self._scopes[-1]), [], []
        for key, value in pairs:
            if key == "xmlns" or key.startswith("xmlns:"):
                prefix = key[6:] or None
                if prefix == "xmlns":
                    self._raise(39)
                if (prefix == "xml") != (value == _XML_URI):
                    self._raise(38 if prefix == "xml" else 40)
                if value == _XMLNS_URI:
                    self._raise(40)
                if prefix and not value:
                    self._raise(28)
                scope[prefix] = value
                bound.append(prefix)
                if self.StartNamespaceDeclHandler is not None:
                    self._flush()
                    self.StartNamespaceDeclHandler(prefix, value or None)
            else:
                rest.append((key, value))
        self._scopes.append(scope)
        seen, resolved = set(), []
        for key, value in rest:
            key = self._qualified(key, scope, False)
            if key in seen:
                self._raise(8)
            seen.add(key)
            resolved.append((key, value))
        return self._qualified(name, scope, True), resolved, bound

    def _qualified(self, name, scope, is_element):
        prefix, colon, local = name.partition(":")
        if not colon:
            uri = scope.get(None) if is_element else None
            return f"{uri}{self._separator}{name}" if uri else name
        if prefix == "xmlns":
            self._raise(39)
        uri = scope.get(prefix)
        if uri is None:
            self._raise(27)
        full = f"{uri}{self._separator}{local}"
        return f"{full}{self._separator}{prefix}" if self.namespace_prefixes and self._separator else full

    # ---- references ----

    def _char(self, decimal, hexadecimal, at):
        number = int(decimal) if decimal else int(hexadecimal, 16)
        if number > 0x10FFFF or _bad_char.match(chr(number)):
            self._raise(14, at)
        return chr(number)

    def _count(self, length):
        # Many small expansions cost time even where they give little text.
        self._expanded += length + 100
        if self._expanded > _MAX_EXPANSION:
            self._raise(43)

    def _attribute_value(self, value, at, depth=0):
        out, start = [], 0
        for match in _re.finditer(r"&", value):
            if match.start() < start:
                continue
            ref = _reference.match(value, match.start())
            if ref is None:
                self._raise(4, at)
            out.append(_re.sub("\r\n|[\t\n\r]", " ", value[start:match.start()]))
            start = ref.end()
            name = ref[3]
            if name is None:
                out.append(self._char(ref[1], ref[2], at))
            elif name in _BUILTIN:
                out.append(_BUILTIN[name])
            else:
                entity = self._entities.get(name)
                if entity is None:
                    if self._has_external() and not self._standalone:
                        continue
                    self._raise(11, at)
                if entity.notation is not None:
                    self._raise(15, at)
                if entity.value is None:
                    self._raise(16, at)
                if entity.is_open or depth > _MAX_DEPTH:
                    self._raise(12, at)
                if "<" in entity.value:
                    self._raise(4, at)
                self._count(len(entity.value))
                entity.is_open = True
                out.append(self._attribute_value(entity.value, at, depth + 1))
                entity.is_open = False
        out.append(_re.sub("\r\n|[\t\n\r]", " ", value[start:]))
        return "".join(out)

    def _has_external(self):
        return self._has_dtd == "external"

    def _content_reference(self, final):
        text, at = self._text, self._at
        match = _reference.match(text, at)
        if match is None:
            end = text.find(";", at)
            if end < 0 and not final and _re.compile(rf"&(#?[0-9]*|#x[0-9a-fA-F]*|{_NAME})\Z").match(text, at):
                raise _Wait
            name = _re.compile(rf"&(#x[0-9a-fA-F]*|#[0-9]*|(?:{_NAME})?)").match(text, at)
            if name.end() == len(text):
                raise _Wait
            self._raise(4, name.end())
        name = match[3]
        if name is None:
            self._characters(self._char(match[1], match[2], at))
        elif name in _BUILTIN:
            self._characters(_BUILTIN[name])
        else:
            self._entity(name, match[0], at)
        self._advance(match.end())

    def _entity(self, name, raw, at):
        entity = self._entities.get(name)
        if entity is None:
            if self._has_dtd and self._has_external() and not self._standalone:
                if self.SkippedEntityHandler is not None:
                    self._flush()
                    self.SkippedEntityHandler(name, False)
                else:
                    self._default(raw)
                return
            self._raise(11)
        if entity.notation is not None:
            self._raise(15)
        if entity.is_open or self._depth > _MAX_DEPTH:
            self._raise(12)
        if entity.value is None:
            self._flush()
            if self.ExternalEntityRefHandler is not None:
                if not self.ExternalEntityRefHandler(name, entity.base, entity.system, entity.public):
                    self._raise(21)
            else:
                self._default(raw)
            return
        if self.DefaultHandler is not None and self.DefaultHandlerExpand is None:
            # A default handler of this kind leaves entities as they are.
            self._default(raw)
            return
        self._count(len(entity.value))
        self._expand(entity)

    def _expand(self, entity):
        saved = self._text, self._at, self._line, self._column, self._byte
        depth = len(self._stack)
        entity.is_open = True
        self._depth += 1
        self._text, self._at = entity.value, 0
        try:
            while self._at < len(self._text):
                self._step(True)
            if len(self._stack) != depth or self._in_cdata:
                self._raise(13)
        except _Wait:
            self._raise(13)
        finally:
            entity.is_open = False
            self._depth -= 1
            self._text, self._at, self._line, self._column, self._byte = saved

    # ---- the document type ----

    def _doctype(self):
        text, at = self._text, self._at
        match = _re.compile(
            rf"""<!DOCTYPE[ \t\r\n]+({_NAME})(?:[ \t\r\n]+(?:SYSTEM[ \t\r\n]+("[^"]*"|'[^']*')"""
            rf"""|PUBLIC[ \t\r\n]+("[^"]*"|'[^']*')[ \t\r\n]+("[^"]*"|'[^']*')))?[ \t\r\n]*([\[>])""").match(text, at)
        if match is None:
            if _re.compile("<!DOCTYPE[^>\\[]*\\Z").match(text, at):
                raise _Wait
            self._raise(2)
        system = match[2] or match[4]
        system = system and system[1:-1]
        public = match[3] and " ".join(match[3][1:-1].split())
        has_subset = match[5] == "["
        self._flush()
        if has_subset:
            end = self._subset_end(match.end())
            if end is None:
                raise _Wait
        self._has_dtd = "external" if system is not None or self._foreign else "internal"
        if self.StartDoctypeDeclHandler is not None:
            self.StartDoctypeDeclHandler(match[1], system, public, int(has_subset))
        else:
            self._default(match[0])
        self._advance(match.end())
        if has_subset:
            self._state = "subset"
            self._subset_external = system, public
        else:
            self._doctype_end(system, public)

    def _doctype_end(self, system, public):
        if (system is not None or self._foreign) and self._param_parsing and self.ExternalEntityRefHandler is not None:
            if self._param_parsing == 2 or not self._standalone:
                if not self.ExternalEntityRefHandler(None, self._base, system, public):
                    self._raise(21)
        if system is not None and not self._standalone and self.NotStandaloneHandler is not None:
            if not self.NotStandaloneHandler():
                self._raise(22)
        if self.EndDoctypeDeclHandler is not None:
            self.EndDoctypeDeclHandler()
        self._state = "prolog"

    def _subset_end(self, at):
        """Where `]` closes the subset that begins at `at`; None when it has not come."""
        text = self._text
        pattern = _re.compile(r"""<!--.*?-->|<\?.*?\?>|<!(?:[^"'>]|"[^"]*"|'[^']*')*>|\]|[^<\]]+|<""", _re.S)
        while match := pattern.match(text, at):
            if match[0] == "]":
                end = _space.match(text, match.end()).end()
                return end if end < len(text) else None
            if match[0] == "<":
                return None if len(text) - at < 10 or not _re.compile(r"<[^!?]").match(text, at) else at
            at = match.end()
        return None

    def _subset(self, final):
        text, at = self._text, self._at
        end = _space.match(text, at).end()
        if end > at:
            self._default(text[at:end])
            self._advance(end)
            return
        c = text[at]
        if c == "]" and not self._is_fragment:
            end = _space.match(text, at + 1).end()
            if end >= len(text):
                raise _Wait
            if text[end] != ">":
                self._raise(4, end)
            self._default(text[at:end + 1]) if self.EndDoctypeDeclHandler is None else None
            self._advance(end + 1)
            self._doctype_end(*self._subset_external)
        elif text.startswith("<!--", at):
            self._comment()
        elif text.startswith("<?", at):
            self._instruction()
        elif c == "%":
            match = _re.compile(rf"%({_NAME});").match(text, at)
            if match is None:
                self._raise(4, at + 1)
            self._has_dtd = "external"
            entity = self._parameters.get(match[1])
            if entity is not None and entity.value is not None:
                self._count(len(entity.value))
                if entity.is_open:
                    self._raise(12)
                self._expand(entity)
            elif entity is not None and self._param_parsing and self.ExternalEntityRefHandler is not None:
                if not self.ExternalEntityRefHandler(None, entity.base, entity.system, entity.public):
                    self._raise(21)
            elif self.SkippedEntityHandler is not None:
                self.SkippedEntityHandler(match[1], True)
            else:
                self._default(match[0])
            self._advance(match.end())
        elif c == "<":
            match = _re.compile(r"""<!([A-Z]+)[ \t\r\n]((?:[^"'>]|"[^"]*"|'[^']*')*)>""").match(text, at)
            if match is None:
                raise _Wait if not final and text.find(">", at) < 0 else None or self._raise(2)
            declare = {"ENTITY": self._declare_entity, "ELEMENT": self._declare_element, "ATTLIST": self._declare_attributes, "NOTATION": self._declare_notation}.get(match[1])
            if declare is None or declare(match[2].strip(" \t\r\n")) is False:
                self._raise(2)
            self._advance(match.end())
        else:
            self._raise(2)

    def _literal(self, value):
        """Value of an entity: character references and parameter entities are replaced, others stay."""
        def replace(match):
            if match[3]:
                entity = self._parameters.get(match[3])
                return entity.value if entity is not None and entity.value is not None else ""
            return self._char(match[1], match[2], self._at)
        return _re.sub(rf"&#(?:([0-9]+)|x([0-9a-fA-F]+));|%({_NAME});", replace, value.replace("\r\n", "\n").replace("\r", "\n"))

    def _declare_entity(self, body):
        match = _re.fullmatch(
            rf"""(%[ \t\r\n]+)?({_NAME})[ \t\r\n]+(?:("[^"]*"|'[^']*')|(?:SYSTEM|PUBLIC[ \t\r\n]+("[^"]*"|'[^']*'))[ \t\r\n]+("[^"]*"|'[^']*')"""
            rf"""(?:[ \t\r\n]+NDATA[ \t\r\n]+({_NAME}))?)""", body)
        if match is None:
            return False
        is_parameter, name = bool(match[1]), match[2]
        value = self._literal(match[3][1:-1]) if match[3] else None
        public = match[4] and " ".join(match[4][1:-1].split())
        system = match[5] and match[5][1:-1]
        table = self._parameters if is_parameter else self._entities
        if name not in table:
            table[name] = _Entity(value, self._base, system, public, match[6])
            self._flush()
            if match[6] and self.UnparsedEntityDeclHandler is not None:
                self.UnparsedEntityDeclHandler(name, self._base, system, public, match[6])
            elif self.EntityDeclHandler is not None:
                self.EntityDeclHandler(name, int(is_parameter), value, self._base, system, public, match[6])

    def _declare_notation(self, body):
        match = _re.fullmatch(rf"""({_NAME})[ \t\r\n]+(?:SYSTEM[ \t\r\n]+("[^"]*"|'[^']*')|PUBLIC[ \t\r\n]+("[^"]*"|'[^']*')(?:[ \t\r\n]+("[^"]*"|'[^']*'))?)""", body)
        if match is None:
            return False
        if self.NotationDeclHandler is not None:
            system = match[2] or match[4]
            self.NotationDeclHandler(match[1], self._base, system and system[1:-1], match[3] and " ".join(match[3][1:-1].split()))

    def _declare_attributes(self, body):
        match = _name.match(body)
        if match is None:
            return False
        element, at = match[0], match.end()
        pattern = _re.compile(
            rf"""[ \t\r\n]+({_NAME})[ \t\r\n]+(CDATA|IDREFS?|ID|ENTITY|ENTITIES|NMTOKENS?|(?:NOTATION[ \t\r\n]+)?\([^)]*\))[ \t\r\n]+"""
            rf"""(#REQUIRED|#IMPLIED|(#FIXED[ \t\r\n]+)?("[^"<]*"|'[^'<]*'))""")
        while match := pattern.match(body, at):
            at = match.end()
            kind = _re.sub(r"[ \t\r\n]+", "", match[2]) if "(" in match[2] else match[2]
            kind = kind.replace("NOTATION(", "NOTATION(")
            default = self._attribute_value(match[5][1:-1], self._at) if match[5] else None
            self._defaults.setdefault(element, {}).setdefault(match[1], (match[2], default))
            if self.AttlistDeclHandler is not None:
                self._flush()
                self.AttlistDeclHandler(element, match[1], kind, default, int(match[3] == "#REQUIRED" or bool(match[4])))
        if body[at:].strip(" \t\r\n"):
            return False

    def _declare_element(self, body):
        match = _re.fullmatch(rf"({_NAME})[ \t\r\n]+(EMPTY|ANY|\(.*)", body, _re.S)
        if match is None:
            return False
        content = match[2]
        if content in ("EMPTY", "ANY"):
            built = (1 if content == "EMPTY" else 2, 0, None, ())
        else:
            built = self._model(_re.findall(rf"#PCDATA|{_NAME}|[()|,?*+]", content))
            if built is None:
                return False
        if self.ElementDeclHandler is not None:
            self._flush()
            self.ElementDeclHandler(match[1], built)
        else:
            self._default(f"<!ELEMENT {body}>")

    def _model(self, tokens):
        """The content model that the tokens describe; None when they describe none."""
        groups, at = [[6, [], None]], 0
        def quantity():
            nonlocal at
            mark = tokens[at] if at < len(tokens) and tokens[at] in ("?", "*", "+") else ""
            at += len(mark)
            return ("", "?", "*", "+").index(mark)
        while at < len(tokens):
            token = tokens[at]
            at += 1
            group = groups[-1]
            if token == "(":
                groups.append([6, [], None])
            elif token == ")":
                if len(groups) == 1:
                    return None
                kind, items, _ = groups.pop()
                groups[-1][1].append((kind, quantity(), None, tuple(items)))
            elif token == "|":
                group[0] = 3 if group[0] == 3 else 5
            elif token == "#PCDATA":
                group[0] = 3
            elif token != ",":
                group[1].append((4, quantity(), token, ()))
        return groups[0][1][0] if len(groups) == 1 and len(groups[0][1]) == 1 else None


XMLParserType = xmlparser
xmlparser.__module__ = "pyexpat"
__all__ = [
    "EXPAT_VERSION", "ErrorString", "ExpatError", "ParserCreate", "XMLParserType", "XML_PARAM_ENTITY_PARSING_ALWAYS",
    "XML_PARAM_ENTITY_PARSING_NEVER", "XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE", "error", "errors", "features", "model", "native_encoding",
    "version_info",
]
