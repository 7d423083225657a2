"""Codecs of one family of encodings; those that the tables lack raise LookupError."""

from _multibytecodec import _getcodec

getcodec = _getcodec("big5hkscs".split())
