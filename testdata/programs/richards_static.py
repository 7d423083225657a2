"""Richards as Static Python: typed slots, int64 state bits, an int64 buffer in every packet.

The same simulation as richards.py.

    richards_static.py [ITERATIONS]
"""
from __future__ import annotations

import __static__
from __static__ import Array, CheckedList, box, int64

import sys
from typing import Final, Optional, final

IDLE: Final[int] = 1
WORKER: Final[int] = 2
HANDLER_A: Final[int] = 3
HANDLER_B: Final[int] = 4
DEVICE_A: Final[int] = 5
DEVICE_B: Final[int] = 6

KIND_DEVICE: Final[int] = 0
KIND_WORK: Final[int] = 1

PACKET_BIT: Final[int] = 1
WAIT_BIT: Final[int] = 2
HOLD_BIT: Final[int] = 4
WAITING_WITH_PACKET: Final[int] = 3

BUFFER: Final[int] = 4
IDLE_COUNT: Final[int] = 10000
EXPECTED_QUEUED: Final[int] = 23246
EXPECTED_HELD: Final[int] = 9297


@final
class Packet:
    def __init__(self, link: Optional[Packet], ident: int64, kind: int64) -> None:
        self.link: Optional[Packet] = link
        self.ident: int64 = ident
        self.kind: int64 = kind
        self.datum: int64 = 0
        self.data: Array[int64] = Array[int64](BUFFER)

    def append_to(self, queue: Optional[Packet]) -> Packet:
        """Puts this packet at the end of the list `queue`; the head of the new list."""
        self.link = None
        if queue is None:
            return self
        last: Packet = queue
        after: Optional[Packet] = last.link
        while after is not None:
            last = after
            after = last.link
        last.link = self
        return queue


class Task:
    def __init__(
        self, scheduler: Scheduler, ident: int64, priority: int64, queue: Optional[Packet], state: int64
    ) -> None:
        self.scheduler: Scheduler = scheduler
        self.ident: int64 = ident
        self.priority: int64 = priority
        self.queue: Optional[Packet] = queue
        self.state: int64 = state
        self.link: Optional[Task] = None
        scheduler.add(self)

    def take(self) -> Optional[Packet]:
        """The first packet of the queue, removed from it."""
        packet: Optional[Packet] = self.queue
        if packet is not None:
            rest: Optional[Packet] = packet.link
            self.queue = rest
            if rest is None:
                self.state = 0
            else:
                self.state = int64(PACKET_BIT)
        return packet

    def work(self, packet: Optional[Packet]) -> Optional[Task]:
        raise NotImplementedError


@final
class Scheduler:
    def __init__(self) -> None:
        self.tasks: Optional[Task] = None
        self.table: CheckedList[Optional[Task]] = [None, None, None, None, None, None, None]
        self.current: Optional[Task] = None
        self.queued: int64 = 0
        self.held: int64 = 0

    def add(self, task: Task) -> None:
        task.link = self.tasks
        self.tasks = task
        self.table[task.ident] = task

    def run(self) -> None:
        task: Optional[Task] = self.tasks
        while task is not None:
            state: int64 = task.state
            if state == int64(WAIT_BIT) or state >= int64(HOLD_BIT):
                task = task.link
            else:
                packet: Optional[Packet] = None
                if state == int64(WAITING_WITH_PACKET):
                    packet = task.take()
                self.current = task
                task = task.work(packet)

    def running(self) -> Task:
        task = self.current
        if task is None:
            raise RuntimeError("no task runs")
        return task

    def wait(self) -> Task:
        task: Task = self.running()
        task.state = task.state | int64(WAIT_BIT)
        return task

    def hold(self) -> Optional[Task]:
        self.held += 1
        task: Task = self.running()
        task.state = task.state | int64(HOLD_BIT)
        return task.link

    def find(self, ident: int64) -> Task:
        task = self.table[ident]
        if task is None:
            raise RuntimeError("no such task")
        return task

    def release(self, ident: int64) -> Task:
        task: Task = self.find(ident)
        task.state = task.state & 3
        current: Task = self.running()
        if task.priority > current.priority:
            return task
        return current

    def send(self, packet: Packet) -> Task:
        task: Task = self.find(packet.ident)
        current: Task = self.running()
        self.queued += 1
        packet.ident = current.ident
        queue: Optional[Packet] = task.queue
        if queue is None:
            packet.link = None
            task.queue = packet
            task.state = task.state | int64(PACKET_BIT)
            if task.priority > current.priority:
                return task
        else:
            packet.append_to(queue)
        return current


@final
class IdleTask(Task):
    def __init__(self, scheduler: Scheduler, ident: int64, priority: int64, count: int64) -> None:
        self.seed: int64 = 1
        self.count: int64 = count
        Task.__init__(self, scheduler, ident, priority, None, 0)

    def work(self, packet: Optional[Packet]) -> Optional[Task]:
        self.count -= 1
        if self.count == 0:
            return self.scheduler.hold()
        seed: int64 = self.seed
        if seed & 1 == 0:
            self.seed = seed >> 1
            return self.scheduler.release(int64(DEVICE_A))
        self.seed = (seed >> 1) ^ 0xD008
        return self.scheduler.release(int64(DEVICE_B))


@final
class WorkerTask(Task):
    def __init__(self, scheduler: Scheduler, ident: int64, priority: int64, queue: Optional[Packet]) -> None:
        self.target: int64 = int64(HANDLER_A)
        self.letter: int64 = 0
        Task.__init__(self, scheduler, ident, priority, queue, int64(WAITING_WITH_PACKET))

    def work(self, packet: Optional[Packet]) -> Optional[Task]:
        if packet is None:
            return self.scheduler.wait()
        target: int64 = int64(HANDLER_A)
        if self.target == int64(HANDLER_A):
            target = int64(HANDLER_B)
        self.target = target
        packet.ident = target
        packet.datum = 0
        data: Array[int64] = packet.data
        letter: int64 = self.letter
        i: int64 = 0
        while i < int64(BUFFER):
            letter += 1
            if letter > 26:
                letter = 1
            data[i] = 64 + letter
            i += 1
        self.letter = letter
        return self.scheduler.send(packet)


@final
class HandlerTask(Task):
    def __init__(self, scheduler: Scheduler, ident: int64, priority: int64, queue: Optional[Packet]) -> None:
        self.work_queue: Optional[Packet] = None
        self.device_queue: Optional[Packet] = None
        Task.__init__(self, scheduler, ident, priority, queue, int64(WAITING_WITH_PACKET))

    def work(self, packet: Optional[Packet]) -> Optional[Task]:
        if packet is not None:
            if packet.kind == int64(KIND_WORK):
                self.work_queue = packet.append_to(self.work_queue)
            else:
                self.device_queue = packet.append_to(self.device_queue)
        work: Optional[Packet] = self.work_queue
        if work is not None:
            at: int64 = work.datum
            if at >= int64(BUFFER):
                self.work_queue = work.link
                return self.scheduler.send(work)
            device: Optional[Packet] = self.device_queue
            if device is not None:
                self.device_queue = device.link
                device.datum = work.data[at]
                work.datum = at + 1
                return self.scheduler.send(device)
        return self.scheduler.wait()


@final
class DeviceTask(Task):
    def __init__(self, scheduler: Scheduler, ident: int64, priority: int64) -> None:
        self.pending: Optional[Packet] = None
        Task.__init__(self, scheduler, ident, priority, None, int64(WAIT_BIT))

    def work(self, packet: Optional[Packet]) -> Optional[Task]:
        if packet is not None:
            self.pending = packet
            return self.scheduler.hold()
        pending: Optional[Packet] = self.pending
        if pending is None:
            return self.scheduler.wait()
        self.pending = None
        return self.scheduler.send(pending)


def packets(count: int64, ident: int64, kind: int64) -> Optional[Packet]:
    queue: Optional[Packet] = None
    while count > 0:
        queue = Packet(queue, ident, kind)
        count -= 1
    return queue


def simulate() -> Scheduler:
    """One run of the whole system; the scheduler with its counts."""
    scheduler = Scheduler()
    IdleTask(scheduler, int64(IDLE), 0, int64(IDLE_COUNT))
    WorkerTask(scheduler, int64(WORKER), 1000, packets(2, 0, int64(KIND_WORK)))
    HandlerTask(scheduler, int64(HANDLER_A), 2000, packets(3, int64(DEVICE_A), int64(KIND_DEVICE)))
    HandlerTask(scheduler, int64(HANDLER_B), 3000, packets(3, int64(DEVICE_B), int64(KIND_DEVICE)))
    DeviceTask(scheduler, int64(DEVICE_A), 4000)
    DeviceTask(scheduler, int64(DEVICE_B), 5000)
    scheduler.run()
    return scheduler


def run(iterations: int) -> tuple[int, int]:
    """The queued and held packets of `iterations` runs."""
    queued: int64 = 0
    held: int64 = 0
    i: int64 = 0
    n: int64 = int64(iterations)
    while i < n:
        done: Scheduler = simulate()
        queued += done.queued
        held += done.held
        i += 1
    return box(queued), box(held)


def main() -> None:
    iterations: int = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    queued, held = run(iterations)
    good = queued == EXPECTED_QUEUED * iterations and held == EXPECTED_HELD * iterations
    print("richards", iterations)
    print("queued", queued, "held", held)
    print("ok" if good else "WRONG")


if __name__ == "__main__":
    main()
