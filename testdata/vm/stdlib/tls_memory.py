# TLS between two pieces of memory: names, versions, protocols, certificates, sessions, and what goes wrong.
# The certificates are valid from 2020 to 2119 and worth nothing.
import gc
import os
import re
import ssl
import sys
import tempfile
import weakref

AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBhTCCASygAwIBAgIBATAKBggqhkjOPQQDAjArMRUwEwYDVQQKDAxjaW5kZXIg
dGVzdHMxEjAQBgNVBAMMCWF1dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIw
MDEwMTAwMDAwMFowKzEVMBMGA1UECgwMY2luZGVyIHRlc3RzMRIwEAYDVQQDDAlh
dXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARe+g7PYKUdEzjRXjSK
aQDIhHmtBUlxyZWmFc/ubwqORvQW+VJL/NJJI8/TO5xq+GxayAk5YMTwRz2+j6Hr
gHPJoz8wPTAPBgNVHRMBAf8EBTADAQH/MAsGA1UdDwQEAwIBBjAdBgNVHQ4EFgQU
qMyAI9w9KV0L1mKoV8oUG5STODcwCgYIKoZIzj0EAwIDRwAwRAIgRyT1rPFx2riv
0TFGa0Hx9tWKEcBJxXazGOfxM2M9PIQCIEF6LfyiMMDtq2UbDR+FGtal1fD//1TN
7zD40zDU1uB/
-----END CERTIFICATE-----
"""
ALPHA = """\
-----BEGIN CERTIFICATE-----
MIICZjCCAgygAwIBAgICChEwCgYIKoZIzj0EAwIwKzEVMBMGA1UECgwMY2luZGVy
IHRlc3RzMRIwEAYDVQQDDAlhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
MDAxMDEwMDAwMDBaMCwxFTATBgNVBAoMDGNpbmRlciB0ZXN0czETMBEGA1UEAwwK
YWxwaGEudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPLgOom4bmGotTIk
WfeET+oZ925x0XC7LVWCcemoeECPEaq/R5lOoIWySFQyZDxGOT8mJPsIjkRiRxIZ
1e2SqumjggEbMIIBFzBNBgNVHREERjBEggphbHBoYS50ZXN0ggsqLndpbGQudGVz
dIcEfwAAAYEPcG9zdEBhbHBoYS50ZXN0hhJodHRwOi8vYWxwaGEudGVzdC8wCwYD
VR0PBAQDAgeAMB0GA1UdJQQWMBQGCCsGAQUFBwMBBggrBgEFBQcDAjAmBgNVHR8E
HzAdMBugGaAXhhVodHRwOi8vYWxwaGEudGVzdC9jcmwwMgYIKwYBBQUHAQEEJjAk
MCIGCCsGAQUFBzABhhZodHRwOi8vYWxwaGEudGVzdC9vY3NwMB0GA1UdDgQWBBSL
+eHnyqUxDaw9UsYn71YT83rkmjAfBgNVHSMEGDAWgBSozIAj3D0pXQvWYqhXyhQb
lJM4NzAKBggqhkjOPQQDAgNIADBFAiAC8HgADTKUPRwTkS71fEUgIQStIabHwcNd
DXHnk1QsQQIhAPTqguhTiaWLNHYnc/Q28lJjF21D4rAtNbbD1qJpiKcA
-----END CERTIFICATE-----
"""
ALPHA_KEY = """\
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIIW8vTcEHbke4hb7pv16ZNShLdFXifqLIQSNan4F0wNOoAoGCCqGSM49
AwEHoUQDQgAE8uA6ibhuYai1MiRZ94RP6hn3bnHRcLstVYJx6ah4QI8Rqr9HmU6g
hbJIVDJkPEY5PyYk+wiORGJHEhnV7ZKq6Q==
-----END EC PRIVATE KEY-----
"""
BETA = """\
-----BEGIN CERTIFICATE-----
MIIBzjCCAXSgAwIBAgICCyIwCgYIKoZIzj0EAwIwKzEVMBMGA1UECgwMY2luZGVy
IHRlc3RzMRIwEAYDVQQDDAlhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
MDAxMDEwMDAwMDBaMCsxFTATBgNVBAoMDGNpbmRlciB0ZXN0czESMBAGA1UEAwwJ
YmV0YS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzsq65D5DWMIlaEgW
xm8abGAbeHKD0+2KfOUxKcc5vkvicPEGIyUU/+PaITxWd/209ywSTsX11aUAsUKj
j2vak6OBhTCBgjAUBgNVHREEDTALggliZXRhLnRlc3QwCwYDVR0PBAQDAgeAMB0G
A1UdJQQWMBQGCCsGAQUFBwMBBggrBgEFBQcDAjAdBgNVHQ4EFgQUkVJCt0iN744z
iLw7kDoEXDPMNBswHwYDVR0jBBgwFoAUqMyAI9w9KV0L1mKoV8oUG5STODcwCgYI
KoZIzj0EAwIDSAAwRQIhALMzLyP9BfKshPS335tSfi3MotdW1JOIBuklyT73oBE2
AiBabtvIcNwDuqjP9Fg8lNVjeOmbqoaHkg0EefTKwTNt/w==
-----END CERTIFICATE-----
"""
BETA_KEY = """\
-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,E7AD8D844BB6E76C3A8D54DB13C48071

15PAd4dYFRuS2fCqahC4xEMwph6fY/XgzB0C12D/FY6q/X2u/J1agrSXj592L0sn
S2yUSS9G8x9t/x1Ehs2ORumUodZPiYkGuw7ZZ3E3L52JSPCF+zY/J4CwMG445W6g
ZLbsxycLp0EZuMZBsgrUj/VElqyNkBD2Ni4YJLqxpNs=
-----END EC PRIVATE KEY-----
"""

folder = tempfile.TemporaryDirectory()
paths = {}
for name, content in [("authority", AUTHORITY), ("alpha", ALPHA + ALPHA_KEY), ("beta", BETA), ("beta_key", BETA_KEY)]:
    paths[name] = os.path.join(folder.name, name + ".pem")
    with open(paths[name], "w") as file:
        file.write(content)


def shown(error):
    return type(error).__name__ + ": " + re.sub(r"_ssl\.c:\d+", "_ssl.c", str(error))


def server_context(name="alpha"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if name == "alpha":
        context.load_cert_chain(paths["alpha"])
    else:
        context.load_cert_chain(paths["beta"], paths["beta_key"], "secret")
    return context


def client_context():
    return ssl.create_default_context(cadata=AUTHORITY)


class Pair:
    """A client and a server that are joined by hand."""

    def __init__(self, client, server, name="alpha.test", session=None):
        self.pipes = [ssl.MemoryBIO() for _ in range(4)]
        a, b, c, d = self.pipes
        self.client = client.wrap_bio(a, b, server_hostname=name, session=session)
        self.server = server.wrap_bio(c, d, server_side=True)

    def carry(self):
        a, b, c, d = self.pipes
        if b.pending:
            c.write(b.read())
        if d.pending:
            a.write(d.read())

    def shake(self):
        todo = [self.client, self.server]
        for _ in range(10):
            for side in list(todo):
                try:
                    side.do_handshake()
                    todo.remove(side)
                except ssl.SSLWantReadError:
                    pass
                self.carry()
            if not todo:
                return self
        raise RuntimeError("no end of the handshake")


def failure(*args, **keywords):
    try:
        Pair(*args, **keywords).shake()
    except Exception as error:
        return error


# A connection.
server, client = server_context(), client_context()
server.set_alpn_protocols(["h2", "http/1.1"])
client.set_alpn_protocols(["http/1.1", "h2", "x"])
pair = Pair(client, server)
print(pair.client.version(), pair.client.cipher(), pair.client.getpeercert is not None)  # expect: None None True
try:
    pair.client.getpeercert()
except ValueError as error:
    print(error)  # expect: handshake not done yet
pair.shake()
print(pair.client.version(), pair.server.version(), pair.client.cipher() == pair.server.cipher())  # expect: TLSv1.3 TLSv1.3 True
print(pair.client.selected_alpn_protocol(), pair.server.selected_alpn_protocol())  # expect: h2 h2
print(pair.client.server_hostname, pair.server.server_hostname, pair.client.server_side, pair.server.server_side)  # expect: alpha.test None False True
print(pair.client.write(b"question"), pair.client.compression(), pair.server.getpeercert())  # expect: 8 None None
pair.carry()
print(pair.server.read(3), pair.server.pending(), pair.server.read(), pair.server.pending())  # expect: b'que' 5 b'stion' 0
room = bytearray(b"....................")
pair.server.write(b"answer")
pair.carry()
print(pair.client.read(10, room), room)  # expect: 6 bytearray(b'answer..............')
try:
    pair.client.read()
except ssl.SSLWantReadError as error:
    print(error.errno, shown(error), error.reason, error.library)  # expect: 2 SSLWantReadError: The operation did not complete (read) (_ssl.c) None None
try:
    pair.client.read(3, b"fixed")
except TypeError as error:
    print(error)  # expect: read() argument 2 must be read-write bytes-like object, not bytes
print(pair.client.get_channel_binding() == pair.server.get_channel_binding(), type(pair.client.get_channel_binding()))  # expect: True <class 'bytes'>

# The certificate.
certificate = pair.client.getpeercert()
print(sorted(certificate))  # expect: ['OCSP', 'crlDistributionPoints', 'issuer', 'notAfter', 'notBefore', 'serialNumber', 'subject', 'subjectAltName', 'version']
print(certificate["subject"])  # expect: ((('organizationName', 'cinder tests'),), (('commonName', 'alpha.test'),))
print(certificate["issuer"])  # expect: ((('organizationName', 'cinder tests'),), (('commonName', 'authority'),))
print(certificate["notBefore"], "|", certificate["notAfter"], certificate["serialNumber"], certificate["version"])  # expect: Jan  1 00:00:00 2020 GMT | Jan  1 00:00:00 2120 GMT 0A11 3
for kind in certificate["subjectAltName"]:
    print(kind)
# expect: ('DNS', 'alpha.test')
# expect: ('DNS', '*.wild.test')
# expect: ('IP Address', '127.0.0.1')
# expect: ('email', 'post@alpha.test')
# expect: ('URI', 'http://alpha.test/')
print(certificate["OCSP"], certificate["crlDistributionPoints"])  # expect: ('http://alpha.test/ocsp',) ('http://alpha.test/crl',)
print(pair.client.getpeercert(True) == ssl.PEM_cert_to_DER_cert(ALPHA))  # expect: True
chain = pair.client.get_verified_chain()
print(len(chain), chain[0] == pair.client.getpeercert(True), chain[1] == ssl.PEM_cert_to_DER_cert(AUTHORITY))  # expect: 2 True True
print(len(pair.client.get_unverified_chain()), pair.server.get_unverified_chain())  # expect: 1 []
first, second = pair.client._sslobj.get_verified_chain()
print(first, first == first, first == second, len({first, second}), first.public_bytes() == ALPHA)  # expect: <_ssl.Certificate 'CN=alpha.test,O=cinder tests'> True False 2 True

# Saying goodbye.
try:
    pair.client.unwrap()
except ssl.SSLWantReadError as error:
    print("waits")  # expect: waits
pair.carry()
print(pair.server.read())  # expect: b''
print(pair.server.unwrap())  # expect: None
pair.carry()
print(pair.client.unwrap())  # expect: None
try:
    pair.client.write(b"late")
except ssl.SSLError as error:
    print(shown(error))  # expect: SSLError: [SSL: PROTOCOL_IS_SHUTDOWN] protocol is shutdown (_ssl.c)

# An end without goodbye.
pair = Pair(client, server).shake()
pair.pipes[2].write_eof()
print(pair.pipes[2].eof, pair.pipes[2].pending)  # expect: True 0
try:
    pair.server.read()
except ssl.SSLEOFError as error:
    print(shown(error), error.errno)  # expect: SSLEOFError: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c) 8
try:
    pair.pipes[2].write(b"more")
except ssl.SSLError as error:
    print(error.args)  # expect: ('cannot write() after write_eof()',)

# Names that the certificate does not have.
for name in ["www.wild.test", "127.0.0.1", "beta.test", "a.b.wild.test", "127.0.0.2", "::1"]:
    error = failure(client, server, name)
    if error is None:
        print(name, "is good")
    else:
        print(error.verify_code, error.verify_message, isinstance(error, ValueError), error.reason, error.library)
# expect: www.wild.test is good
# expect: 127.0.0.1 is good
# expect: 62 Hostname mismatch, certificate is not valid for 'beta.test'. True CERTIFICATE_VERIFY_FAILED SSL
# expect: 62 Hostname mismatch, certificate is not valid for 'a.b.wild.test'. True CERTIFICATE_VERIFY_FAILED SSL
# expect: 64 IP address mismatch, certificate is not valid for '127.0.0.2'. True CERTIFICATE_VERIFY_FAILED SSL
# expect: 64 IP address mismatch, certificate is not valid for '::1'. True CERTIFICATE_VERIFY_FAILED SSL
print(shown(error))  # expect: SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid for '::1'. (_ssl.c)
stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
print(shown(failure(stranger, server)))  # expect: SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c)
for name in ["", None]:
    print(shown(failure(client, server, name)))
# expect: ValueError: check_hostname requires server_hostname
# expect: ValueError: check_hostname requires server_hostname

# Versions and ciphers.
old, new = client_context(), server_context()
old.maximum_version = ssl.TLSVersion.TLSv1_2
print(Pair(old, new).shake().client.version(), old.maximum_version, old.minimum_version)  # expect: TLSv1.2 771 -2
new.minimum_version = ssl.TLSVersion.TLSv1_3
print(shown(failure(old, new)))  # expect: SSLError: [SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c)
try:
    old.set_ciphers("nonsense")
except ssl.SSLError as error:
    print(error.args)  # expect: ('No cipher can be selected.',)
old.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
print([cipher["name"] for cipher in old.get_ciphers() if cipher["protocol"] == "TLSv1.2"])  # expect: ['ECDHE-ECDSA-AES128-GCM-SHA256']
pair = Pair(old, server_context()).shake()
print(pair.client.cipher(), pair.server.shared_ciphers())  # expect: ('ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.2', 128) [('ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.2', 128)]

# The server's choice by name.
alpha, beta = server_context(), server_context("beta")
asked = []


def choose(connection, name, context):
    asked.append((type(connection).__name__, name, context is alpha, connection.context is alpha, connection.version()))
    if name == "beta.test":
        connection.context = beta


alpha.sni_callback = choose
print(alpha.sni_callback is not None, [Pair(client, alpha, name).shake().client.getpeercert()["serialNumber"] for name in ("alpha.test", "beta.test")])  # expect: True ['0A11', '0B22']
print(asked)  # expect: [('SSLObject', 'alpha.test', True, True, None), ('SSLObject', 'beta.test', True, True, None)]
unraisable = []
sys.unraisablehook = lambda problem: unraisable.append(type(problem.exc_value).__name__)
for answer in (lambda *args: 1 / 0, lambda *args: ssl.ALERT_DESCRIPTION_ACCESS_DENIED, lambda *args: "nonsense"):
    alpha.sni_callback = answer
    print(shown(failure(client, alpha)), unraisable)
    unraisable.clear()
# expect: SSLError: [SSL: CALLBACK_FAILED] callback failed (_ssl.c) ['ZeroDivisionError']
# expect: SSLError: [SSL: CALLBACK_FAILED] callback failed (_ssl.c) []
# expect: SSLError: [SSL: CALLBACK_FAILED] callback failed (_ssl.c) ['TypeError']
sys.unraisablehook = sys.__unraisablehook__


# A context that is gone while its connection lives.
def short_lived():
    context = server_context()

    def leave(connection, name, context):
        connection.context = beta
        gc.collect()

    context.sni_callback = leave
    return Pair(client, context, "beta.test"), weakref.ref(context)


pair, reference = short_lived()
pair.shake()
gc.collect()
print(reference() is None, pair.server.context is beta, pair.client.getpeercert()["serialNumber"])  # expect: True True 0B22

# Messages of the protocol.
messages = []
talking = client_context()
talking._msg_callback = lambda connection, direction, version, kind, message, data: messages.append((direction, kind.name))
Pair(talking, server).shake()
print(("write", "HANDSHAKE") in messages, ("read", "HANDSHAKE") in messages)  # expect: True True
talking._msg_callback = lambda *args: {}["missing"]
print(repr(failure(talking, server)))  # expect: KeyError('missing')

# Secrets in a file.
path = os.path.join(folder.name, "secrets")
talking._msg_callback = None
talking.keylog_filename = path
Pair(talking, server).shake()
with open(path) as file:
    lines = file.read().splitlines()
print(len(lines), lines[0], sorted(line.split()[0] for line in lines[1:])[0], talking.keylog_filename == path)  # expect: 6 # TLS secrets log file, generated by OpenSSL / Python CLIENT_HANDSHAKE_TRAFFIC_SECRET True

# Certificates of clients.
mutual, guest = server_context(), client_context()
mutual.load_verify_locations(paths["authority"])
mutual.verify_mode = ssl.CERT_REQUIRED
guest.load_cert_chain(paths["beta"], paths["beta_key"], password=lambda: b"secret")
pair = Pair(guest, mutual).shake()
print(pair.server.getpeercert()["serialNumber"], len(pair.server.get_verified_chain()))  # expect: 0B22 2
late = client_context()
late.maximum_version = ssl.TLSVersion.TLSv1_2
print(shown(failure(late, mutual)))  # expect: SSLError: [SSL: PEER_DID_NOT_RETURN_A_CERTIFICATE] peer did not return a certificate (_ssl.c)

# Sessions.
resumable = client_context()
resumable.maximum_version = ssl.TLSVersion.TLSv1_2
pair = Pair(resumable, server).shake()
session = pair.client.session
print(pair.client.session_reused, session.has_ticket, session.timeout > 0, session == pair.client.session)  # expect: False True True True
again = Pair(resumable, server, session=session).shake()
print(again.client.session_reused, again.server.session_reused)  # expect: True True
for action in (lambda: Pair(client, server, session=session), lambda: setattr(again.client, "session", session), lambda: setattr(again.client, "session", 1)):
    try:
        action()
    except Exception as error:
        print(shown(error))
# expect: ValueError: Session refers to a different SSLContext.
# expect: ValueError: Cannot set session after handshake.
# expect: TypeError: Value is not a SSLSession.

# Keys that both sides know.
left, right = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
left.check_hostname, left.verify_mode = False, ssl.CERT_NONE
told = []
for context in (left, right):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("PSK")
left.set_psk_client_callback(lambda hint: (told.append(hint), ("me", b"shared"))[1])
right.set_psk_server_callback(lambda identity: (told.append(identity), b"shared")[1], "a hint")
print(Pair(left, right).shake().client.version(), told)  # expect: TLSv1.2 ['a hint', 'me']
right.set_psk_server_callback(lambda identity: b"other")
print(type(failure(left, right)).__name__)  # expect: SSLError

# What cannot be loaded.
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
for args in [("/nonexistent",), (paths["authority"],), (paths["beta"], paths["beta_key"], "wrong"), (paths["alpha"], paths["beta_key"], "secret"), (paths["beta"], paths["beta_key"], lambda: 1 / 0), (paths["beta"], paths["beta_key"], 5), (5,)]:
    try:
        context.load_cert_chain(*args)
    except Exception as error:
        print(type(error).__name__, getattr(error, "reason", None) or error.args[-1] if not isinstance(error, ssl.SSLError) else error.reason)
# expect: FileNotFoundError No such file or directory
# expect: SSLError None
# expect: SSLError None
# expect: SSLError KEY_VALUES_MISMATCH
# expect: ZeroDivisionError division by zero
# expect: TypeError password should be a string or callable
# expect: TypeError certfile should be a valid filesystem path
for data in ["", "nonsense", b"nonsense", b"", "caf\xe9", 5, AUTHORITY + AUTHORITY]:
    try:
        context.load_verify_locations(cadata=data)
        print(context.cert_store_stats(), len(context.get_ca_certs()), context.get_ca_certs(True)[0][:2])
    except Exception as error:
        print(shown(error))
# expect: ValueError: Empty certificate data
# expect: SSLError: no start line: cadata does not contain a certificate (_ssl.c)
# expect: SSLError: not enough data: cadata does not contain a certificate (_ssl.c)
# expect: ValueError: Empty certificate data
# expect: TypeError: cadata should be an ASCII string or a bytes-like object
# expect: TypeError: cadata should be an ASCII string or a bytes-like object
# expect: {'x509': 1, 'crl': 0, 'x509_ca': 1} 1 b'0\x82'

# Rubbish in place of TLS.
pair = Pair(client, server)
pair.pipes[2].write(b"GET / HTTP/1.1\r\n\r\n")
try:
    pair.server.do_handshake()
except ssl.SSLError as error:
    print(shown(error))  # expect: SSLError: [SSL: HTTP_REQUEST] http request (_ssl.c)
folder.cleanup()
