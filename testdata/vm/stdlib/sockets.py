# Sockets and waiting for them.
import select
import selectors
import socket
import threading

server = socket.create_server(("127.0.0.1", 0))


def serve():
    connection, address = server.accept()
    with connection:
        connection.sendall(connection.recv(100).upper())


thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection(server.getsockname(), timeout=5) as client:
    client.sendall(b"hello")
    print(client.recv(100), client.recv(100))  # expect: b'HELLO' b''
thread.join()
server.close()
print(server.fileno())  # expect: -1

a, b = socket.socketpair()
a.send(b"x")
print(select.select([b], [], [], 1)[0] == [b], b.recv(5))  # expect: True b'x'
poll = select.poll()
poll.register(b, select.POLLIN)
print(poll.poll(10))  # expect: []
a.send(b"y")
print(poll.poll(1000) == [(b.fileno(), select.POLLIN)])  # expect: True
with select.epoll() as epoll:
    epoll.register(b.fileno(), select.EPOLLIN)
    print(epoll.poll(1) == [(b.fileno(), select.EPOLLIN)])  # expect: True
with selectors.DefaultSelector() as selector:
    selector.register(b, selectors.EVENT_READ, "data")
    print([key.data for key, _ in selector.select(1)])  # expect: ['data']
room = bytearray(4)
print(b.recv_into(room), room)  # expect: 1 bytearray(b'y\x00\x00\x00')
b.settimeout(0.01)
try:
    b.recv(1)
except TimeoutError as error:
    print(error, b.gettimeout())  # expect: timed out 0.01
b.setblocking(False)
try:
    b.recv(1)
except BlockingIOError as error:
    print(error.errno == 11)  # expect: True
print(a.sendmsg([b"one", b"two"]), b.recvmsg(10)[0])  # expect: 6 b'onetwo'
a.shutdown(socket.SHUT_WR)
b.setblocking(True)
print(b.recv(1))  # expect: b''
a.close()
b.close()
try:
    a.send(b"")
except OSError as error:
    print(error)  # expect: [Errno 9] Bad file descriptor

print(socket.inet_aton("127.1"), socket.inet_ntoa(b"\x01\x02\x03\x04"))  # expect: b'\x7f\x00\x00\x01' 1.2.3.4
print(socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, "::1")))  # expect: ::1
print(socket.htons(1), socket.ntohl(1))  # expect: 256 16777216
print(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4])  # expect: ('127.0.0.1', 80)
for address, complaint in [(("127.0.0.1",), TypeError), (("127.0.0.1", 70000), OverflowError), ("x", TypeError)]:
    with socket.socket() as one:
        try:
            one.bind(address)
        except complaint as error:
            print(error)
# expect: AF_INET address must be a pair (host, port)
# expect: bind(): port must be 0-65535.
# expect: bind(): AF_INET address must be tuple, not str
