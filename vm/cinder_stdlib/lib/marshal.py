"""Marshalled data of other implementations is neither read nor written."""

version = 5


def dumps(value, version=version, /, *, allow_code=True):
    raise ValueError("this implementation does not marshal objects")


def dump(value, file, version=version, /, *, allow_code=True):
    raise ValueError("this implementation does not marshal objects")


def loads(data, /, *, allow_code=True):
    raise ValueError("this implementation does not read marshalled data")


def load(file, /, *, allow_code=True):
    raise ValueError("this implementation does not read marshalled data")
