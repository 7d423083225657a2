"""The machine's tokenizer in the form that `tokenize` wants.

The text is read whole and tokenized at the first `next()`; an error is raised when the tokens before it have been taken.
"""

import _cinder_tokens


class TokenizerIter:
    def __init__(self, readline, /, *, encoding=None, extra_tokens=False):
        self._readline = readline
        self._encoding = encoding
        self._extra = extra_tokens
        self._found = None

    def __iter__(self):
        return self

    def __next__(self):
        if self._found is None:
            self._found = self._tokens()
        return next(self._found)

    def _text(self):
        lines = []
        while True:
            try:
                line = self._readline()
            except StopIteration:
                break
            if self._encoding is not None:
                if not isinstance(line, (bytes, bytearray)):
                    raise TypeError(f"readline() returned a non-bytes object")
                line = line.decode(self._encoding)
            elif not isinstance(line, str):
                raise TypeError("readline() returned a non-string object")
            if not line:
                break
            lines.append(line)
        return "".join(lines)

    def _tokens(self):
        import token

        found = []
        failure = None
        try:
            _cinder_tokens.tokenize(self._text(), found)
        except SyntaxError as error:
            failure = error
        extra, exact = self._extra, token.EXACT_TOKEN_TYPES
        for name, string, start, end, line in found:
            if name == "OP" and not extra:
                kind = exact.get(string, token.OP)
            elif not extra and name in ("COMMENT", "NL"):
                continue
            else:
                kind = getattr(token, name)
            yield kind, string, start, end, line
        if failure is not None:
            raise failure
