# An exception leaves a frame whose loop was compiled, and is handled in a frame whose loop was compiled, too; nothing runs twice.
class Connection:
    def __init__(self):
        self.is_sent = False

    def put(self, name, value):
        pass

    def finish(self, body=None, *, chunked=False):
        if self.is_sent:
            raise RuntimeError("sent twice")
        self.is_sent = True
        raise OSError("refused")

    def send(self, headers, body, chunked):
        for name, value in headers.items():
            self.put(name, value)
        self.finish(body, chunked=chunked)

    def request(self, headers, body=None, *, chunked=False):
        self.send(headers, body, chunked)


def run(connection, headers):
    headers = {name.title(): value for name, value in headers.items()}
    try:
        connection.request(headers, chunked=False)
    except OSError as error:
        return f"{error} {sorted(headers)}"


print(run(Connection(), {"a": 1, "b": 2, "c": 3}))  # expect: refused ['A', 'B', 'C']
