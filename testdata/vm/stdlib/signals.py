# Signals: handlers run at loop turns, calls and interrupted waits.
import os
import signal
import time


def note(number, frame):
    print("got", signal.Signals(number).name, frame is not None)


print(signal.signal(signal.SIGUSR1, note))  # expect: 0
os.kill(os.getpid(), signal.SIGUSR1)
# expect: got SIGUSR1 True
signal.raise_signal(signal.SIGUSR1)
# expect: got SIGUSR1 True
print(signal.getsignal(signal.SIGUSR1) is note)  # expect: True


class Alarm(Exception):
    pass


def alarm(number, frame):
    raise Alarm


signal.signal(signal.SIGALRM, alarm)


def caught(function):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        function()
    except Alarm:
        print("alarm in", function.__name__)


def sleep():
    time.sleep(10)


def loop():
    while True:
        pass


def calls(n=0):
    return calls(n - 1) + calls(n - 1) if n else 0


def deep_calls():
    calls(60)


def read():
    r, w = os.pipe()
    os.read(r, 1)


caught(sleep)  # expect: alarm in sleep
caught(loop)  # expect: alarm in loop
caught(deep_calls)  # expect: alarm in deep_calls
caught(read)  # expect: alarm in read

# A handler that returns lets the call go on (PEP 475).
signal.signal(signal.SIGALRM, note)
signal.setitimer(signal.ITIMER_REAL, 0.02)
start = time.monotonic()
time.sleep(0.1)
# expect: got SIGALRM True
print(time.monotonic() - start >= 0.1)  # expect: True

blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
print(blocked)  # expect: set()
signal.raise_signal(signal.SIGUSR1)
print(signal.sigpending())  # expect: {<Signals.SIGUSR1: 10>}
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
# expect: got SIGUSR1 True

r, w = os.pipe()
os.set_blocking(w, False)
signal.set_wakeup_fd(w)
signal.raise_signal(signal.SIGUSR1)
# expect: got SIGUSR1 True
print(os.read(r, 10))  # expect: b'\n'
signal.set_wakeup_fd(-1)

try:
    signal.signal(99, note)
except ValueError as error:
    print(error)  # expect: signal number out of range
try:
    signal.signal(signal.SIGUSR1, "x")
except TypeError as error:
    print(error)  # expect: signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object
# Whoever starts the test may ignore the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")  # expect: interrupted
