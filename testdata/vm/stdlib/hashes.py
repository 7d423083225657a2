# hashlib and hmac: every algorithm, parameters of blake2, keys from passwords
import hashlib, hmac
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
for name in sorted(hashlib.algorithms_guaranteed):
    h = hashlib.new(name, b"abc")
    h.update(b"def")
    print(name, h.hexdigest(8) if "shake" in name else h.hexdigest(), h.block_size, h.digest_size, h.copy().name)
# expect: blake2b dde410524e3569b303e494aa82a3afb3e426f9df24c1398e9ff87aafbc2f5b7b3c1a4c9400409de3b45d37a00e5eae2a93cc9c4a108b00f05217d41a424d2b8a 128 64 blake2b
# expect: blake2s 267e4443fc1a38879feb1090af1e788956dfd93204cddcba818d6e32ee57f335 64 32 blake2s
# expect: md5 e80b5017098950fc58aad83c8c14978e 64 16 md5
# expect: sha1 1f8ac10f23c5b5bc1167bda84b833e5c057a77d2 64 20 sha1
# expect: sha224 7043631cb415556a275a4ebecb802c74ee9f6153908e1792a90b6a98 64 28 sha224
# expect: sha256 bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721 64 32 sha256
# expect: sha384 c6a4c65b227e7387b9c3e839d44869c4cfca3ef583dea64117859b808c1e3d8ae689e1e314eeef52a6ffe22681aa11f5 128 48 sha384
# expect: sha3_224 ceb3f4cd85af081120bf69ecf76bf61232bd5d810866f0eca3c8907d 144 28 sha3_224
# expect: sha3_256 59890c1d183aa279505750422e6384ccb1499c793872d6f31bb3bcaa4bc9f5a5 136 32 sha3_256
# expect: sha3_384 d77460b0ce6109168480e279a81af32facb689ab96e22623f0122ff3a10ead263db6607f83876a843d3264dc2a863805 104 48 sha3_384
# expect: sha3_512 01309a45c57cd7faef9ee6bb95fed29e5e2e0312af12a95fffeee340e5e5948b4652d26ae4b75976a53cc1612141af6e24df36517a61f46a1a05f59cf667046a 72 64 sha3_512
# expect: sha512 e32ef19623e8ed9d267f657a81944b3d07adbb768518068e88435745564e8d4150a0a703be2a7d88b61e3d390c2bb97e2d4c311fdc69d6b1267f05f59aa920e7 128 64 sha512
# expect: shake_128 9428dbf9493c9426 168 0 shake_128
# expect: shake_256 81d5e45d095acf3c 136 0 shake_256
print(hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 100).hex())
# expect: 2abfac6a729e5abcc10c42850d51f912edf82c8cfb33d09a7e983c271d54d993
print(hashlib.scrypt(b"pw", salt=b"salt", n=16, r=8, p=2, dklen=20).hex())
# expect: d9cdc1b824c822400306d419eb1e34e0f96a2a24
print(hmac.new(b"k", b"msg", "sha256").hexdigest(), hmac.digest(b"k", b"m", "md5").hex(), hmac.new(b"k", b"", hashlib.sha1).name)
# expect: bf1a0c1242929b6464a6c0a9ac6298a67e09bd1cd4ef1f182ce0141691fc17a0 ed7e724d3a91554aaa2043041d9c5305 hmac-sha1
print(hashlib.blake2b(b"x", digest_size=20, key=b"k", salt=b"s", person=b"p", fanout=2, depth=3, leaf_size=10, node_offset=5, node_depth=1, inner_size=32, last_node=True).hexdigest())
# expect: 71b21d7670c1d519a31f335f030d4f4a4680904f
print(hashlib.blake2s(b"x", key=b"k").hexdigest())
# expect: b4ee3ecf341971523f8557ddcb1c5e339ba52881f02cb84edd040197fbe776fc
attempt(lambda: hashlib.md5("text"))
# expect: TypeError Strings must be encoded before hashing
attempt(lambda: hashlib.new("nothing"))
# expect: ValueError unsupported hash type nothing
attempt(lambda: hashlib.blake2b(digest_size=65))
# expect: ValueError digest_size for Blake2b must be between 1 and 64 bytes, here it is 65
attempt(lambda: hashlib.blake2s(salt=bytes(9)))
# expect: ValueError maximum salt length is 8 bytes
attempt(lambda: hashlib.pbkdf2_hmac("sha1", b"", b"", 0))
# expect: ValueError iteration value must be greater than 0.
attempt(lambda: hashlib.scrypt(b"", salt=b"", n=3, r=8, p=1))
# expect: ValueError n must be a power of 2.
attempt(lambda: hmac.compare_digest("é", "e"))
# expect: TypeError comparing strings with non-ASCII characters is not supported
print(hmac.compare_digest(b"ab", b"ab"), hmac.compare_digest("ab", "ac"))
# expect: True False
