"""Codecs of one family of encodings; those that the tables lack raise LookupError."""

from _multibytecodec import _getcodec

getcodec = _getcodec("euc_kr cp949 johab".split())
