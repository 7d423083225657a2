//! Threads that compute answers.
//!
//! Idea: two lanes. What somebody waits for goes first; work on the whole workspace takes at most all threads but one, so that a hover never
//! stands behind it. Threads have deep stacks, because checkers walk trees recursively.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Which queue a job stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody waits for the answer.
    Quick,
    /// May take long: the whole workspace.
    Slow,
}

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queues {
    quick: VecDeque<Job>,
    slow: VecDeque<Job>,
    running_slow: usize,
}

struct Shared {
    queues: Mutex<Queues>,
    changed: Condvar,
    threads: usize,
}

/// The threads; they end with the process.
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

/// Only touched pages cost memory.
const STACK_BYTES: usize = 256 << 20;

impl Pool {
    pub(crate) fn new(threads: usize) -> Pool {
        let threads = threads.max(2);
        let shared = Arc::new(Shared { queues: Mutex::default(), changed: Condvar::new(), threads });
        for number in 0..threads {
            let shared = shared.clone();
            let name = format!("cinder-worker-{number}");
            // Without a thread its share of the work is done by the others; without any, nobody is answered, which the client sees.
            let _ = thread::Builder::new().name(name).stack_size(STACK_BYTES).spawn(move || work(&shared));
        }
        Pool { shared }
    }

    pub(crate) fn spawn(&self, lane: Lane, job: impl FnOnce() + Send + 'static) {
        let mut queues = self.shared.lock();
        match lane {
            Lane::Quick => queues.quick.push_back(Box::new(job)),
            Lane::Slow => queues.slow.push_back(Box::new(job)),
        }
        drop(queues);
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job and whether it is a slow one; waits for it.
    fn next(&self) -> (Job, bool) {
        let mut queues = self.lock();
        loop {
            if let Some(job) = queues.quick.pop_front() {
                return (job, false);
            }
            if queues.running_slow + 1 < self.threads
                && let Some(job) = queues.slow.pop_front()
            {
                queues.running_slow += 1;
                return (job, true);
            }
            queues = self.changed.wait(queues).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(shared: &Shared) {
    loop {
        let (job, is_slow) = shared.next();
        // Jobs catch their own panics and answer; what is caught here has nobody to be told.
        let _ = catch_unwind(AssertUnwindSafe(job));
        if is_slow {
            shared.lock().running_slow -= 1;
            shared.changed.notify_one();
        }
    }
}
