//! Futures, and whose turn it is. A call from JavaScript ends when none can go on: no future waits for a microtask, and none
//! is a promise unless JavaScript waits for it. js-sys has the same with closures and a queue of
//! microtasks, for some KiB more.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake};

type Task = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static TASKS: RefCell<Tasks> = RefCell::default();
}

/// So few that looking through them is the fastest.
#[derive(Default)]
struct Tasks {
    last_id: u32,
    /// Those that wait for their turn, or to be woken.
    waiting: Vec<(u32, Task)>,
    /// Whose turn it is, one after the other.
    woken: Vec<u32>,
}

/// Wakes a task.
struct Number(u32);

/// Goes on with something that nobody waits for, from the end of the call on that this is part of.
pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) {
    let task = Box::pin(task);
    TASKS.with_borrow_mut(|tasks| tasks.begin(task));
}

/// Does what a call from JavaScript asks for, and goes on with whatever can go on then. No such call is made within another.
pub(crate) fn run<R>(call: impl FnOnce() -> R) -> R {
    let answer = call();
    go_on();
    answer
}

fn go_on() {
    while let Some((id, mut task)) = TASKS.with_borrow_mut(Tasks::next) {
        let waker = Arc::new(Number(id)).into();
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            TASKS.with_borrow_mut(|tasks| tasks.waiting.push((id, task)));
        }
    }
}

impl Tasks {
    fn begin(&mut self, task: Task) {
        self.last_id += 1;
        self.waiting.push((self.last_id, task));
        self.woken.push(self.last_id);
    }

    /// The next one whose turn it is. One that has ended may have been woken again.
    fn next(&mut self) -> Option<(u32, Task)> {
        while !self.woken.is_empty() {
            let id = self.woken.remove(0);
            if let Some(at) = self.waiting.iter().position(|(waiting, _)| *waiting == id) {
                return Some(self.waiting.swap_remove(at));
            }
        }
        None
    }
}

impl Wake for Number {
    fn wake(self: Arc<Self>) {
        TASKS.with_borrow_mut(|tasks| tasks.woken.push(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_channel::oneshot;
    use std::rc::Rc;

    #[test]
    fn tasks_go_on_one_after_the_other_until_none_can() {
        let said = Rc::new(RefCell::new(Vec::new()));
        let say = |what: &'static str| {
            let said = Rc::clone(&said);
            move || said.borrow_mut().push(what)
        };
        let (tell, told) = oneshot::channel::<()>();
        let (first, second, inner, at_last) = (say("first"), say("second"), say("inner"), say("at last"));
        run(|| {
            spawn(async move {
                first();
                told.await.unwrap_err();
                at_last();
            });
            spawn(async move {
                second();
                spawn(async move { inner() });
            });
            assert!(said.borrow().is_empty());
        });
        assert_eq!(*said.borrow(), ["first", "second", "inner"]);
        run(|| drop(tell));
        assert_eq!(said.borrow().last(), Some(&"at last"));
        assert!(TASKS.with_borrow(|tasks| tasks.waiting.is_empty() && tasks.woken.is_empty()));
    }

    #[test]
    fn a_task_that_wakes_itself_has_another_turn() {
        let turns = Rc::new(RefCell::new(0));
        let counted = Rc::clone(&turns);
        run(|| {
            spawn(std::future::poll_fn(move |context| {
                *counted.borrow_mut() += 1;
                context.waker().wake_by_ref();
                if *counted.borrow() < 3 { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
            }));
        });
        assert_eq!(*turns.borrow(), 3);
    }
}
