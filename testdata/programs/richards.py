"""Richards: the scheduler of a small operating system.

Six tasks of different priority exchange packets: an idle task releases two device tasks in a pseudo-random order, a
worker sends text through two handlers to the devices. The benchmark is dominated by method calls on objects of
several classes, attribute loads and stores, and short linked lists. The counts of queued packets and of holds are
known, so the program checks itself.

    richards.py [ITERATIONS]
"""
import sys

IDLE = 1
WORKER = 2
HANDLER_A = 3
HANDLER_B = 4
DEVICE_A = 5
DEVICE_B = 6
TASKS = 7

KIND_DEVICE = 0
KIND_WORK = 1

PACKET_BIT = 1
WAIT_BIT = 2
HOLD_BIT = 4
WAITING_WITH_PACKET = WAIT_BIT + PACKET_BIT

BUFFER = 4
IDLE_COUNT = 10000
EXPECTED_QUEUED = 23246
EXPECTED_HELD = 9297


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.datum = 0
        self.data = [0] * BUFFER

    def append_to(self, queue):
        """Puts this packet at the end of the list `queue`; the head of the new list."""
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Scheduler:
    def __init__(self):
        self.tasks = None
        self.table = [None] * TASKS
        self.current = None
        self.queued = 0
        self.held = 0

    def add(self, task):
        task.link = self.tasks
        self.tasks = task
        self.table[task.ident] = task

    def run(self):
        task = self.tasks
        while task is not None:
            state = task.state
            if state & HOLD_BIT or state == WAIT_BIT:
                task = task.link
                continue
            packet = None
            if state == WAITING_WITH_PACKET:
                packet = task.queue
                task.queue = packet.link
                task.state = 0 if task.queue is None else PACKET_BIT
            self.current = task
            task = task.work(packet)

    def wait(self):
        task = self.current
        task.state |= WAIT_BIT
        return task

    def hold(self):
        self.held += 1
        task = self.current
        task.state |= HOLD_BIT
        return task.link

    def release(self, ident):
        task = self.table[ident]
        task.state &= ~HOLD_BIT
        if task.priority > self.current.priority:
            return task
        return self.current

    def send(self, packet):
        task = self.table[packet.ident]
        current = self.current
        self.queued += 1
        packet.ident = current.ident
        if task.queue is None:
            packet.link = None
            task.queue = packet
            task.state |= PACKET_BIT
            if task.priority > current.priority:
                return task
        else:
            packet.append_to(task.queue)
        return current


class Task:
    def __init__(self, scheduler, ident, priority, queue, state):
        self.scheduler = scheduler
        self.ident = ident
        self.priority = priority
        self.queue = queue
        self.state = state
        self.link = None
        scheduler.add(self)

    def work(self, packet):
        raise NotImplementedError


class IdleTask(Task):
    def __init__(self, scheduler, ident, priority, count):
        super().__init__(scheduler, ident, priority, None, 0)
        self.seed = 1
        self.count = count

    def work(self, packet):
        self.count -= 1
        if self.count == 0:
            return self.scheduler.hold()
        if self.seed & 1 == 0:
            self.seed >>= 1
            return self.scheduler.release(DEVICE_A)
        self.seed = (self.seed >> 1) ^ 0xD008
        return self.scheduler.release(DEVICE_B)


class WorkerTask(Task):
    def __init__(self, scheduler, ident, priority, queue):
        super().__init__(scheduler, ident, priority, queue, WAITING_WITH_PACKET)
        self.target = HANDLER_A
        self.letter = 0

    def work(self, packet):
        if packet is None:
            return self.scheduler.wait()
        self.target = HANDLER_B if self.target == HANDLER_A else HANDLER_A
        packet.ident = self.target
        packet.datum = 0
        for i in range(BUFFER):
            self.letter += 1
            if self.letter > 26:
                self.letter = 1
            packet.data[i] = 64 + self.letter
        return self.scheduler.send(packet)


class HandlerTask(Task):
    def __init__(self, scheduler, ident, priority, queue):
        super().__init__(scheduler, ident, priority, queue, WAITING_WITH_PACKET)
        self.work_queue = None
        self.device_queue = None

    def work(self, packet):
        if packet is not None:
            if packet.kind == KIND_WORK:
                self.work_queue = packet.append_to(self.work_queue)
            else:
                self.device_queue = packet.append_to(self.device_queue)
        work = self.work_queue
        if work is not None:
            at = work.datum
            if at >= BUFFER:
                self.work_queue = work.link
                return self.scheduler.send(work)
            device = self.device_queue
            if device is not None:
                self.device_queue = device.link
                device.datum = work.data[at]
                work.datum = at + 1
                return self.scheduler.send(device)
        return self.scheduler.wait()


class DeviceTask(Task):
    def __init__(self, scheduler, ident, priority):
        super().__init__(scheduler, ident, priority, None, WAIT_BIT)
        self.pending = None

    def work(self, packet):
        if packet is not None:
            self.pending = packet
            return self.scheduler.hold()
        pending = self.pending
        if pending is None:
            return self.scheduler.wait()
        self.pending = None
        return self.scheduler.send(pending)


def packets(count, ident, kind):
    queue = None
    for _ in range(count):
        queue = Packet(queue, ident, kind)
    return queue


def simulate():
    """One run of the whole system; the scheduler with its counts."""
    scheduler = Scheduler()
    IdleTask(scheduler, IDLE, 0, IDLE_COUNT)
    WorkerTask(scheduler, WORKER, 1000, packets(2, 0, KIND_WORK))
    HandlerTask(scheduler, HANDLER_A, 2000, packets(3, DEVICE_A, KIND_DEVICE))
    HandlerTask(scheduler, HANDLER_B, 3000, packets(3, DEVICE_B, KIND_DEVICE))
    DeviceTask(scheduler, DEVICE_A, 4000)
    DeviceTask(scheduler, DEVICE_B, 5000)
    scheduler.run()
    return scheduler


def run(iterations):
    """The queued and held packets of `iterations` runs."""
    queued = held = 0
    for _ in range(iterations):
        done = simulate()
        queued += done.queued
        held += done.held
    return queued, held


def main():
    iterations = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    queued, held = run(iterations)
    good = queued == EXPECTED_QUEUED * iterations and held == EXPECTED_HELD * iterations
    print("richards", iterations)
    print("queued", queued, "held", held)
    print("ok" if good else "WRONG")


if __name__ == "__main__":
    main()
