# zlib, bz2, lzma, gzip: whole and piece by piece, and what is refused
import zlib, bz2, lzma, gzip, io
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
data = bytes(range(256)) * 50
print(zlib.crc32(b"hello"), zlib.adler32(b"hello"), zlib.crc32(b"lo", zlib.crc32(b"hel")))
# expect: 907060870 103547413 907060870
for wbits in (15, -15, 31):
    c = zlib.compressobj(wbits=wbits)
    packed = c.compress(data) + c.flush()
    d = zlib.decompressobj(wbits=wbits)
    first = d.decompress(packed[:60], 10)
    while d.unconsumed_tail:
        first += d.decompress(d.unconsumed_tail, 1000)
    rest = d.decompress(packed[60:] + b"more") + d.flush()
    print(zlib.decompress(packed, wbits=wbits) == data, first + rest == data, d.eof, d.unused_data)
# expect: True True True b'more'
# expect: True True True b'more'
# expect: True True True b'more'
c = zlib.compressobj(zdict=b"hello world")
packed = c.compress(b"hello") + c.copy().flush()
print(zlib.decompressobj(zdict=b"hello world").decompress(packed))
# expect: b'hello'
print(gzip.decompress(gzip.compress(data)) == data, bz2.decompress(bz2.compress(data)) == data)
# expect: True True
for form in (lzma.FORMAT_XZ, lzma.FORMAT_ALONE):
    print(lzma.decompress(lzma.compress(data, format=form)) == data)
# expect: True
# expect: True
d = lzma.LZMADecompressor()
packed = lzma.compress(data) + b"tail"
print(len(d.decompress(packed, 100)), d.needs_input, d.eof, len(d.decompress(b"")), d.eof, d.unused_data, d.check)
# expect: 100 False False 12700 True b'tail' 4
raw = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 1}]
print(lzma.decompress(lzma.compress(data, lzma.FORMAT_RAW, filters=raw), lzma.FORMAT_RAW, filters=raw) == data)
# expect: True
attempt(lambda: zlib.decompress(b"xxxx"))
# expect: error Error -3 while decompressing data: incorrect header check
attempt(lambda: zlib.decompress(zlib.compress(data)[:-1]))
# expect: error Error -5 while decompressing data: incomplete or truncated stream
attempt(lambda: zlib.compress("text"))
# expect: TypeError a bytes-like object is required, not 'str'
attempt(lambda: zlib.decompressobj().decompress(b"", -1))
# expect: ValueError max_length must be non-negative
attempt(lambda: bz2.decompress(b"xxxxxx"))
# expect: OSError Invalid data stream
attempt(lambda: bz2.BZ2Compressor(10))
# expect: ValueError compresslevel must be between 1 and 9
attempt(lambda: lzma.decompress(b"yyyyyy"))
# expect: LZMAError Input format not supported by decoder
attempt(lambda: gzip.GzipFile(fileobj=io.BytesIO(b"no gzip")).read())
# expect: BadGzipFile Not a gzipped file (b'no')
