# Futures and tasks by themselves: states, callbacks, cancellation, eager starts, contexts, subclasses, what a loop is told.
import asyncio
import contextvars
import gc

Future, Task = asyncio.Future, asyncio.Task
var = contextvars.ContextVar("var", default="unset")


def attempt(function, *args, **keywords):
    try:
        return function(*args, **keywords)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


class Loop:
    """Calls nothing by itself."""

    def __init__(self):
        self.ready = []
        self.debug = False

    def get_debug(self):
        return self.debug

    def call_soon(self, callback, *args, context=None):
        self.ready.append((callback, args, context))

    def call_exception_handler(self, context):
        print("told:", context["message"], sorted(context))

    def is_running(self):
        return True

    def run(self):
        ready, self.ready = self.ready, []
        for callback, args, context in ready:
            context.run(callback, *args)


loop = Loop()

# A future that was never initialised.
empty = Future.__new__(Future)
for name in "result", "exception", "done", "cancelled", "cancel", "get_loop":
    print(name, attempt(getattr(empty, name)))
print(attempt(repr, empty), attempt(iter, empty), empty._loop, attempt(empty.add_done_callback, print))

# Results, exceptions, callbacks.
future = Future(loop=loop)
print(future, future._state, future.done(), future._callbacks, future.get_loop() is loop)
print(attempt(future.result), attempt(future.exception))
calls = []
future.add_done_callback(calls.append)
future.add_done_callback(print, context=contextvars.copy_context())
future.add_done_callback(calls.append)
print(len(future._callbacks), future.remove_done_callback(calls.append), len(future._callbacks))
future.add_done_callback(lambda done: calls.append((done is future, done.result())))
future.set_result(42)
print(future, attempt(future.set_result, 1), attempt(future.set_exception, ValueError), future.cancel())
loop.run()
print(calls, future.result(), future.exception(), future._callbacks)
future.add_done_callback(lambda done: calls.append("late"))
loop.run()
print(calls)

future = Future(loop=loop)
print(attempt(future.set_exception, 1), attempt(future.set_exception, StopIteration(3)))
error = future.exception()
print(repr(error), repr(error.__cause__), future._log_traceback)
future = Future(loop=loop)
future.set_exception(KeyError("k"))
print(future, future._log_traceback, attempt(setattr, future, "_log_traceback", True))
print(attempt(future.result), attempt(future.result), future._log_traceback)

future = Future(loop=loop)
print(future.cancel("why"), future.cancel(), future.cancelled(), future.done(), future, future._cancel_message)
print(attempt(future.result), attempt(future.exception), repr(future._make_cancelled_error()))


def forgotten():
    Future(loop=loop).set_exception(ValueError("forgotten"))
    asked = Future(loop=loop)
    asked.set_exception(ValueError("asked for"))
    asked.exception()


forgotten()
[0] * 100
gc.collect()

# The iterator of a future.
future = Future(loop=loop)
iterator = iter(future)
print(next(iterator) is future, future._asyncio_future_blocking, attempt(next, iterator))
future.set_result("done")
print(attempt(next, iterator), attempt(iter(future).send, None))
iterator = iter(Future(loop=loop))
print(attempt(iterator.throw, ValueError("in")), attempt(iterator.throw, 1), iterator.close(), attempt(next, iterator))


# Tasks by hand.
async def add(*futures):
    total = 0
    for future in futures:
        total += await future
    return total


print(attempt(Task, 1, loop=loop), attempt(Task))
asyncio._set_running_loop(loop)
one, two = Future(loop=loop), Future(loop=loop)
task = Task(add(one, two), loop=loop, name="adder")
print(task.get_name(), task._fut_waiter, asyncio.current_task(), task in asyncio.all_tasks(), attempt(task.set_result, 1))
loop.run()
print(task._fut_waiter is one, one._asyncio_awaited_by == {task}, attempt(loop.run))
one.set_result(1)
loop.run()
print(task._fut_waiter is two, task.done(), one._asyncio_awaited_by)
two.set_result(2)
loop.run()
print(task.done(), task.result(), task._fut_waiter, task in asyncio.all_tasks(), task.get_stack())

for yielded in "text", (i for i in ()), Future(loop=Loop()), Future(loop=loop):
    class Yields:
        def __await__(self):
            yield yielded

    async def bad():
        await Yields()

    task = Task(bad(), loop=loop)
    loop.run()
    loop.run()
    print(str(task.exception()).split(" in task")[0].split(" <")[0].split(": <")[0])


async def itself():
    await task


task = Task(itself(), loop=loop)
loop.run()
loop.run()
print(str(task.exception()).split(": <")[0])


# Cancellation.
async def stubborn(future):
    for _ in range(2):
        try:
            await future
        except asyncio.CancelledError as error:
            print("cancelled:", error.args)
            future = Future(loop=loop)
    return "stayed"


task = Task(stubborn(Future(loop=loop)), loop=loop)
print(task.cancel("early"), task._must_cancel, task.cancelling(), task.uncancel(), task._must_cancel, task.uncancel())
loop.run()
print(task.cancel("first"), task.cancelling(), task.cancel("again"), task.cancelling())
loop.run()
loop.run()
print(task.cancel("second"), task.cancelling())
loop.run()
loop.run()
print(task.result(), task.cancelled(), task.cancel())
task = Task(add(Future(loop=loop)), loop=loop)
task.cancel("now")
loop.run()
print(task.cancelled(), attempt(task.result), attempt(task.result))
task = Task(add(), loop=loop)
task.cancel()
loop.run()
print(task.cancelled(), str(task).split(" coro=")[0])


# Contexts.
async def contextual(value, future):
    before = var.get()
    var.set(value)
    await future
    return before, var.get()


future = Future(loop=loop)
var.set("outside")
context = contextvars.copy_context()
tasks = [Task(contextual("one", future), loop=loop), Task(contextual("two", future), loop=loop, context=context)]
loop.run()
future.set_result(None)
loop.run()
print([task.result() for task in tasks], var.get(), context[var], tasks[1].get_context() is context)


# Eager starts.
async def ready():
    return asyncio.current_task().get_name(), asyncio.current_task() in asyncio.all_tasks()


async def waits(future):
    print("eager:", await ready())
    await future
    return "waited"


async def fails():
    raise LookupError("at once")


task = Task(ready(), loop=loop, eager_start=True, name="quick")
print(task.done(), task.result(), task.get_coro(), asyncio.current_task(), len(loop.ready))
future = Future(loop=loop)
task = Task(waits(future), loop=loop, eager_start=True, name="slow")
print(task.done(), task in asyncio.all_tasks(), task._fut_waiter is future)
future.set_result(1)
loop.run()
print(task.result())
task = Task(fails(), loop=loop, eager_start=True)
print(repr(task.exception()))


# What runs.
print(attempt(asyncio.tasks._enter_task, Loop(), 1).split(" <")[0], attempt(asyncio.tasks._leave_task, loop, 1))
asyncio.tasks._enter_task(loop, "a")
print(asyncio.current_task(), attempt(asyncio.tasks._enter_task, loop, "b"), attempt(asyncio.tasks._leave_task, loop, "b"))
print(asyncio.tasks._swap_current_task(loop, "c"), asyncio.tasks._swap_current_task(loop, None), asyncio.current_task())
asyncio._set_running_loop(None)
print(attempt(asyncio.get_running_loop), asyncio._get_running_loop(), attempt(asyncio.all_tasks))


# Tasks that nobody finishes.
def abandon():
    task = Task(add(Future(loop=loop)), loop=loop)
    quiet = Task(add(Future(loop=loop)), loop=loop)
    quiet._log_destroy_pending = False
    asyncio._set_running_loop(loop)
    loop.run()
    asyncio._set_running_loop(None)
    del task, quiet


abandon()
[0] * 100
gc.collect()
gc.collect()


# Classes made in Python.
class Named(Task):
    def __init__(self, *args, label, **keywords):
        super().__init__(*args, **keywords)
        self.label = label

    def cancel(self, msg=None):
        print("cancel", self.label)
        return super().cancel(msg)


class Loud(Future):
    def add_done_callback(self, *args, **keywords):
        print("add_done_callback", len(args), list(keywords))
        super().add_done_callback(*args, **keywords)

    def __del__(self):
        print("del", self.done())


class Duck:
    """Like a future."""
    _asyncio_future_blocking = False

    def __init__(self):
        self.callbacks = []

    def get_loop(self):
        return loop

    def add_done_callback(self, callback, *, context):
        self.callbacks.append((callback, context))

    def result(self):
        return "quack"

    def cancel(self, msg=None):
        print("duck cancelled:", msg)
        return True

    def __await__(self):
        self._asyncio_future_blocking = True
        yield self
        return self.result()


async def both(loud, duck):
    return await loud, await duck


asyncio._set_running_loop(loop)
loud, duck = Loud(loop=loop), Duck()
task = Named(both(loud, duck), loop=loop, label="named")
loop.run()
print(task.label, task._fut_waiter is loud, isinstance(task, Future))
loud.set_result(5)
loop.run()
print(task._fut_waiter is duck, duck._asyncio_future_blocking, task.cancel("stop"))
callback, context = duck.callbacks[0]
context.run(callback, duck)
print(task.result(), sorted(t.label for t in asyncio.all_tasks() if isinstance(t, Named)))
asyncio._set_running_loop(None)
del loud
task = None
gc.collect()
gc.collect()
print(Future[int], Task[str], asyncio.isfuture(duck))


# With a real loop.
async def fan(n):
    if n == 0:
        await asyncio.sleep(0)
        return 1
    return sum(await asyncio.gather(*[fan(n - 1) for _ in range(3)]))


async def group():
    results = []
    try:
        async with asyncio.TaskGroup() as tasks:
            for number in range(4):
                tasks.create_task(worker(number, results), name=f"worker {number}")
    except* ValueError as errors:
        print([str(error) for error in errors.exceptions])
    return results


async def worker(number, results):
    try:
        await asyncio.sleep(10 if number == 3 else 0)
        if number == 2:
            raise ValueError("two")
        results.append(number)
    except asyncio.CancelledError:
        results.append(("cancelled", number))
        raise


async def main():
    print(await fan(4), await group())
    task = asyncio.create_task(asyncio.sleep(10, "slept"))
    try:
        await asyncio.wait_for(task, 0.001)
    except TimeoutError:
        print("timeout", task.cancelled())
    task = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    print([t.get_name() == asyncio.current_task().get_name() or t is task for t in asyncio.all_tasks()])
    print(str(task).split(" coro=")[0].split(" name=")[0], len(task.get_stack()))
    shielded = asyncio.shield(task)
    shielded.cancel()
    await asyncio.sleep(0)
    print(task.cancelled(), shielded.cancelled())
    task.cancel()
    print(await asyncio.gather(task, ready(), return_exceptions=True))
    loop = asyncio.get_running_loop()
    print(await asyncio.to_thread(asyncio._get_running_loop))
    loop.set_task_factory(asyncio.eager_task_factory)
    print(await asyncio.gather(fan(3), ready()))


asyncio.run(main())
gc.collect()

# expect: result InvalidStateError: Future object is not initialized.
# expect: exception InvalidStateError: Future object is not initialized.
# expect: done False
# expect: cancelled False
# expect: cancel RuntimeError: Future object is not initialized.
# expect: get_loop RuntimeError: Future object is not initialized.
# expect: RuntimeError: Future object is not initialized. RuntimeError: Future object is not initialized. None RuntimeError: uninitialized Future object
# expect: <Future pending> PENDING False None True
# expect: InvalidStateError: Result is not set. InvalidStateError: Exception is not set.
# expect: 3 2 1
# expect: <Future finished result=42> InvalidStateError: invalid state InvalidStateError: invalid state False
# expect: <Future finished result=42>
# expect: [(True, 42)] 42 None None
# expect: [(True, 42), 'late']
# expect: TypeError: invalid exception object None
# expect: RuntimeError('StopIteration interacts badly with generators and cannot be raised into a Future') StopIteration(3) False
# expect: <Future finished exception=KeyError('k')> True ValueError: _log_traceback can only be set to False
# expect: KeyError: 'k' KeyError: 'k' False
# expect: True False True True <Future cancelled> why
# expect: CancelledError: why CancelledError: why CancelledError('why')
# expect: told: Future exception was never retrieved ['exception', 'future', 'message']
# expect: True True RuntimeError: await wasn't used with future
# expect: StopIteration: done StopIteration: done
# expect: ValueError: in TypeError: exceptions must be classes deriving BaseException or instances of such a class None StopIteration:
# expect: TypeError: a coroutine was expected, got 1 TypeError: Task() missing required argument 'coro' (pos 1)
# expect: adder None None True RuntimeError: Task does not support set_result operation
# expect: True True None
# expect: True False None
# expect: True 3 None False []
# expect: Task got bad yield: 'text'
# expect: yield was used instead of yield from for generator
# expect: Task
# expect: yield was used instead of yield from
# expect: Task cannot await on itself
# expect: True True 1 0 False 0
# expect: True 1 True 2
# expect: cancelled: ('first',)
# expect: True 3
# expect: cancelled: ('second',)
# expect: stayed False False
# expect: True CancelledError: now CancelledError:
# expect: True <Task cancelled name='Task-8'
# expect: [('outside', 'one'), ('outside', 'two')] outside two True
# expect: True ('quick', True) None None 0
# expect: eager: ('slow', True)
# expect: False True True
# expect: waited
# expect: LookupError('at once')
# expect: RuntimeError: loop RuntimeError: Invalid attempt to leave task 1 while task None is entered.
# expect: a RuntimeError: Cannot enter into task 'b' while another task 'a' is being executed. RuntimeError: Invalid attempt to leave task 'b' while task 'a' is entered.
# expect: a c None
# expect: RuntimeError: no running event loop None RuntimeError: no running event loop
# expect: told: Task was destroyed but it is pending! ['message', 'task']
# expect: add_done_callback 1 ['context']
# expect: named True True
# expect: cancel named
# expect: duck cancelled: stop
# expect: True False True
# expect: (5, 'quack') []
# expect: del True
# expect: _asyncio.Future[int] _asyncio.Task[str] True
# expect: ['two']
# expect: 81 [0, 1, ('cancelled', 3)]
# expect: timeout True
# expect: [True, True]
# expect: <Task pending 1
# expect: False True
# expect: [CancelledError(''), ('Task-138', True)]
# expect: None
# expect: [27, ('Task-179', True)]
