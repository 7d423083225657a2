"""The tokenizer of the compiler is not reachable from Python yet."""


class TokenizerIter:
    def __init__(self, readline, /, *, encoding=None, extra_tokens=False):
        raise NotImplementedError("tokenize is not supported by this implementation yet")
