# TLS over sockets: threads, time-outs, sockets that do not wait, closing from another thread, and what stands on it.
# The certificates are valid from 2020 to 2119 and worth nothing.
import asyncio
import http.client
import http.server
import os
import socket
import ssl
import tempfile
import threading
import time

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

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "alpha.pem")
    with open(path, "w") as file:
        file.write(ALPHA + ALPHA_KEY)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(path)
client_context = ssl.create_default_context(cadata=AUTHORITY)


def connected():
    """The two ends of a connection."""
    left, right = socket.socketpair()
    made = []
    thread = threading.Thread(target=lambda: made.append(server_context.wrap_socket(right, server_side=True)))
    thread.start()
    client = client_context.wrap_socket(left, server_hostname="alpha.test")
    thread.join()
    return client, made[0]


client, server = connected()
print(client.version(), server.version(), client.getpeercert()["serialNumber"])  # expect: TLSv1.3 TLSv1.3 0A11
client.sendall(b"hello")
print(server.recv(100), server.pending())  # expect: b'hello' 0

# One thread writes while others read.
data = bytes(range(256)) * 2000
received = {}


def collect(name, end):
    parts = b""
    while len(parts) < len(data):
        parts += end.recv(50000)
    received[name] = parts == data


threads = [threading.Thread(target=collect, args=("server", server)), threading.Thread(target=collect, args=("client", client))]
threads += [threading.Thread(target=end.sendall, args=(data,)) for end in (client, server)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(received.items()))  # expect: [('client', True), ('server', True)]

# Time-outs, and sockets that do not wait.
client.settimeout(0.01)
try:
    client.recv(1)
except TimeoutError as error:
    print(error)  # expect: The read operation timed out
client.setblocking(False)
try:
    client.recv(1)
except ssl.SSLWantReadError as error:
    print(type(error).__name__, error.errno)  # expect: SSLWantReadError 2
client.setblocking(True)
full, drain = connected()
full.setblocking(False)
count = 0
try:
    while True:
        count += full.send(b"x" * 10000)
except ssl.SSLWantWriteError as error:
    print(type(error).__name__, count > 0)  # expect: SSLWantWriteError True
drained = 0
while drained < count:
    drained += len(drain.recv(65536))
print(drained == count)  # expect: True
print(full.send(b"x" * 10000))  # expect: 10000
full.close()
drain.close()
left, right = socket.socketpair()
left.settimeout(0.01)
try:
    client_context.wrap_socket(left, server_hostname="alpha.test")
except TimeoutError as error:
    print(str(error).endswith("The handshake operation timed out"))  # expect: True
right.close()

# The goodbye gives the socket back.
thread = threading.Thread(target=lambda: server.unwrap().sendall(b"plain"))
thread.start()
plain = client.unwrap()
print(plain.recv(10))  # expect: b'plain'
thread.join()
plain.close()
server.close()

# A socket that is closed.
client, server = connected()
client.sendall(b"ping")
server.sendall(server.recv(10))
print(client.recv(10))  # expect: b'ping'
client.close()
server.close()
for action in (lambda: client.recv(1), lambda: client.send(b"x"), lambda: client.do_handshake()):
    try:
        action()
    except OSError as error:
        print(type(error).__name__, error)
# expect: OSError [Errno 9] Bad file descriptor
# expect: OSError [Errno 9] Bad file descriptor
# expect: OSError [Errno 9] Bad file descriptor

# Another thread ends what a thread waits for.
client, server = connected()
results = []


def wait():
    try:
        results.append(client.recv(10) == b"")
    except OSError:
        results.append(True)


thread = threading.Thread(target=wait)
thread.start()
time.sleep(0.05)
client.shutdown(socket.SHUT_RDWR)
thread.join()
print(results)  # expect: [True]
client.close()
server.close()


# The web.
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"you asked for {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        pass


web = Server(("127.0.0.1", 0), Handler)
web.socket = server_context.wrap_socket(web.socket, server_side=True)
serving = threading.Thread(target=web.serve_forever, daemon=True)
serving.start()
stranger = http.client.HTTPSConnection("127.0.0.1", web.server_port, context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
try:
    stranger.request("GET", "/")
except ssl.SSLCertVerificationError as error:
    print(error.verify_message)  # expect: unable to get local issuer certificate
stranger.close()
connection = http.client.HTTPSConnection("127.0.0.1", web.server_port, context=client_context)
for number in range(3):
    connection.request("GET", f"/{number}")
    print(connection.getresponse().read())
# expect: b'you asked for /0'
# expect: b'you asked for /1'
# expect: b'you asked for /2'
connection.close()
web.shutdown()
serving.join()
web.server_close()


# Coroutines.
async def main():
    async def shout(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(shout, "127.0.0.1", 0, ssl=server_context)
    port = server.sockets[0].getsockname()[1]

    async def talk(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context, server_hostname="alpha.test")
        writer.write(b"line %d " % number + b"y" * 30000 + b"\n")
        await writer.drain()
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return line[:8], len(line)

    print(await asyncio.gather(*(talk(number) for number in range(3))))  # expect: [(b'LINE 0 Y', 30008), (b'LINE 1 Y', 30008), (b'LINE 2 Y', 30008)]
    try:
        await asyncio.open_connection("127.0.0.1", port, ssl=client_context, server_hostname="beta.test")
    except ssl.SSLCertVerificationError as error:
        print(error.verify_message)  # expect: Hostname mismatch, certificate is not valid for 'beta.test'.
    server.close()

    async def later(reader, writer):
        print(await reader.readline())  # expect: b'secret from now on\n'
        await writer.start_tls(server_context)
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(later, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    writer.write(b"secret from now on\n")
    await writer.drain()
    await writer.start_tls(client_context, server_hostname="alpha.test")
    writer.write(b"hidden\n")
    print(await reader.readline(), writer.get_extra_info("ssl_object").version())  # expect: b'hidden\n' TLSv1.3
    writer.close()
    server.close()


asyncio.run(main())
