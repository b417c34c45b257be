//! A clock that stands still while anything can go on, and what waits for it: one thread, no time of day, no sleep.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use super::random::Random;

/// What happens at a time.
type Event = Box<dyn FnOnce()>;

/// Time and tasks. Clones share them.
#[derive(Clone)]
pub(super) struct Sim(Rc<Shared>);

struct Shared {
    now_ms: Cell<u64>,
    /// By time; among those of one time by chance.
    events: RefCell<BTreeMap<(u64, u64), Event>>,
    chance: RefCell<Random>,
    tasks: RefCell<Vec<Option<Task>>>,
    awake: Arc<Awake>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Waker,
    /// Its Worker dies when it is polled so many times more.
    polls_left: Option<u32>,
}

/// Tasks that can go on.
#[derive(Default)]
struct Awake(Mutex<VecDeque<usize>>);

/// Wakes one task.
struct Alarm {
    task: usize,
    awake: Arc<Awake>,
}

/// Names a task, to end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TaskId(usize);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.awake.0.lock().expect("there is one thread").push_back(self.task);
    }
}

impl Sim {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rc::new(Shared {
            now_ms: Cell::default(),
            events: RefCell::default(),
            chance: RefCell::new(Random::of(&[seed, 1])),
            tasks: RefCell::default(),
            awake: Arc::default(),
        }))
    }

    /// Milliseconds since the beginning. It never goes back.
    pub(super) fn now_ms(&self) -> u64 {
        self.0.now_ms.get()
    }

    /// Has something happen after so many milliseconds.
    pub(super) fn after(&self, milliseconds: u64, event: impl FnOnce() + 'static) {
        let by_chance = self.0.chance.borrow_mut().next();
        self.0.events.borrow_mut().insert((self.now_ms() + milliseconds, by_chance), Box::new(event));
    }

    /// Waits so many milliseconds.
    pub(super) async fn sleep(&self, milliseconds: u64) {
        let until_ms = self.now_ms() + milliseconds;
        let mut is_set = false;
        poll_fn(|context| {
            if self.now_ms() >= until_ms && (is_set || milliseconds == 0) {
                return Poll::Ready(());
            }
            if !is_set {
                is_set = true;
                let waker = context.waker().clone();
                self.after(milliseconds, move || waker.wake());
            }
            Poll::Pending
        })
        .await;
    }

    /// Begins a task.
    pub(super) fn spawn(&self, polls_left: Option<u32>, future: impl Future<Output = ()> + 'static) -> TaskId {
        let mut tasks = self.0.tasks.borrow_mut();
        let task = tasks.len();
        let waker = Waker::from(Arc::new(Alarm { task, awake: Arc::clone(&self.0.awake) }));
        waker.wake_by_ref();
        tasks.push(Some(Task { future: Box::pin(future), waker, polls_left }));
        TaskId(task)
    }

    /// Ends a task where it is. Not the one that asks for it.
    pub(super) fn end(&self, TaskId(task): TaskId) {
        let ended = self.0.tasks.borrow_mut()[task].take();
        drop(ended);
    }

    /// Goes on until nothing is left to happen.
    pub(super) fn run(&self) {
        loop {
            while let Some(task) = self.next_awake() {
                self.poll(task);
            }
            let Some(((at_ms, _), event)) = self.0.events.borrow_mut().pop_first() else { return };
            self.0.now_ms.set(at_ms);
            event();
        }
    }

    /// Goes on until so many milliseconds from now, and at least that long.
    pub(super) fn pass(&self, milliseconds: u64) {
        self.after(milliseconds, || {});
        self.run();
    }

    fn next_awake(&self) -> Option<usize> {
        let mut awake = self.0.awake.0.lock().expect("there is one thread");
        if awake.is_empty() {
            return None;
        }
        let index = self.0.chance.borrow_mut().index(awake.len());
        awake.swap_remove_back(index)
    }

    fn poll(&self, task: usize) {
        let Some(mut polled) = self.0.tasks.borrow_mut()[task].take() else { return };
        if let Some(left) = &mut polled.polls_left {
            if *left == 0 {
                return;
            }
            *left -= 1;
        }
        let waker = polled.waker.clone();
        if polled.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.0.tasks.borrow_mut()[task] = Some(polled);
        }
    }
}
