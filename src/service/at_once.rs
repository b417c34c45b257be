//! Several things at once, but not too many. (A `FuturesUnordered` is 2 KiB, with atomic counters and queues for threads.)

use super::CONCURRENCY;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Waits for all of `futures`, of which [`CONCURRENCY`] are under way at once, and tells what comes of each.
pub(super) async fn at_once<T>(futures: impl Iterator<Item = impl Future<Output = T>>, mut each: impl FnMut(T)) {
    let mut waiting = futures.map(|future| Box::pin(future) as Pin<Box<dyn Future<Output = T> + '_>>);
    let mut begun: Vec<Pin<Box<dyn Future<Output = T> + '_>>> = Vec::new();
    poll_fn(|context| {
        loop {
            begun.extend(waiting.by_ref().take(CONCURRENCY - begun.len()));
            let under_way = begun.len();
            begun.retain_mut(|future| match future.as_mut().poll(context) {
                Poll::Ready(outcome) => {
                    each(outcome);
                    false
                }
                Poll::Pending => true,
            });
            // One that ended makes room for another, which has to be polled.
            match begun.len() {
                0 if under_way == 0 => return Poll::Ready(()),
                left if left == under_way => return Poll::Pending,
                _ => {}
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_channel::oneshot;
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::{Context, Waker};

    #[test]
    fn all_are_waited_for_and_never_more_than_six_at_once() {
        let (begun, mut done) = (Cell::new(0), Vec::new());
        let (mut tell, told): (Vec<_>, Vec<_>) = (0..10).map(|_| oneshot::channel::<usize>()).unzip();
        let futures = told.into_iter().map(|told| {
            begun.set(begun.get() + 1);
            async { told.await.unwrap() }
        });
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut all = pin!(at_once(futures, |outcome| done.push(outcome)));
            assert!(all.as_mut().poll(&mut context).is_pending() && begun.get() == CONCURRENCY);
            for (index, tell) in tell.drain(1..3).enumerate() {
                tell.send(index).unwrap();
            }
            assert!(all.as_mut().poll(&mut context).is_pending() && begun.get() == CONCURRENCY + 2);
        }
        assert_eq!(done, [0, 1]);
    }

    #[test]
    fn nothing_is_over_at_once() {
        let mut all = pin!(at_once(std::iter::empty::<std::future::Ready<()>>(), |()| ()));
        assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        let mut all = pin!(at_once((0..20).map(std::future::ready), |_| ()));
        assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }
}
