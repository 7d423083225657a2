"""The Mersenne Twister MT19937, after Matsumoto and Nishimura."""

_N = 624
_M = 397


class Random:
    """Random numbers of 53 bits, and of any number of bits."""

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        Random.seed(self, *args[:1])
        return self

    def __init__(self, x=None, /):
        pass

    def seed(self, n=None, /):
        if n is None:
            import posix
            n = int.from_bytes(posix.urandom(32), "little")
        elif isinstance(n, int):
            n = abs(n)
        else:
            n = hash(n) & 0xFFFFFFFFFFFFFFFF
        key = []
        while n:
            key.append(n & 0xFFFFFFFF)
            n >>= 32
        if not key:
            key.append(0)
        state = [0] * _N
        state[0] = 19650218
        for i in range(1, _N):
            before = state[i - 1]
            state[i] = (1812433253 * (before ^ (before >> 30)) + i) & 0xFFFFFFFF
        i = 1
        j = 0
        for _ in range(max(_N, len(key))):
            before = state[i - 1]
            state[i] = ((state[i] ^ ((before ^ (before >> 30)) * 1664525)) + key[j] + j) & 0xFFFFFFFF
            i += 1
            j += 1
            if i >= _N:
                state[0] = state[_N - 1]
                i = 1
            if j >= len(key):
                j = 0
        for _ in range(_N - 1):
            before = state[i - 1]
            state[i] = ((state[i] ^ ((before ^ (before >> 30)) * 1566083941)) - i) & 0xFFFFFFFF
            i += 1
            if i >= _N:
                state[0] = state[_N - 1]
                i = 1
        state[0] = 0x80000000
        self._state = state
        self._index = _N

    def _twist(self):
        state = self._state
        for k in range(_N):
            y = (state[k] & 0x80000000) | (state[(k + 1) % _N] & 0x7FFFFFFF)
            value = state[(k + _M) % _N] ^ (y >> 1)
            state[k] = value ^ 0x9908B0DF if y & 1 else value
        self._index = 0

    def _next(self):
        if self._index >= _N:
            self._twist()
        y = self._state[self._index]
        self._index += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9D2C5680
        y ^= (y << 15) & 0xEFC60000
        return y ^ (y >> 18)

    def random(self):
        a = self._next() >> 5
        b = self._next() >> 6
        return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0)

    def getrandbits(self, k, /):
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        if k == 0:
            return 0
        if k <= 32:
            return self._next() >> (32 - k)
        result = 0
        shift = 0
        while k > 0:
            word = self._next()
            if k < 32:
                word >>= 32 - k
            result |= word << shift
            shift += 32
            k -= 32
        return result

    def getstate(self):
        return (*self._state, self._index)

    def setstate(self, state, /):
        if not isinstance(state, tuple):
            raise TypeError("state vector must be a tuple")
        if len(state) != _N + 1:
            raise ValueError("state vector is the wrong size")
        if not 0 <= state[-1] <= _N:
            raise ValueError("invalid state")
        self._state = [word & 0xFFFFFFFF for word in state[:-1]]
        self._index = state[-1]
