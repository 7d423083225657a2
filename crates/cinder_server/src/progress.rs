//! How far a long piece of work is.
//!
//! Holds: what was begun ends, also when the work is cancelled half way.

use std::cell::Cell;

use lsp_types::notification::Progress as ProgressNotification;
use lsp_types::{
    ProgressParams, ProgressParamsValue, ProgressToken, WorkDoneProgress, WorkDoneProgressBegin, WorkDoneProgressEnd,
    WorkDoneProgressReport,
};

use crate::outbox::Outbox;

/// Files between two reports.
const STEP: usize = 64;

/// A piece of work that goes through files.
pub(crate) struct Progress<'a> {
    outbox: &'a Outbox,
    /// Without one nobody hears.
    token: Option<ProgressToken>,
    total: usize,
    last: Cell<usize>,
}

impl<'a> Progress<'a> {
    pub(crate) fn begin(outbox: &'a Outbox, token: Option<ProgressToken>, title: &str, total: usize) -> Progress<'a> {
        let progress = Progress { outbox, token, total, last: Cell::new(0) };
        progress.tell(WorkDoneProgress::Begin(WorkDoneProgressBegin {
            title: title.to_string(),
            percentage: Some(0),
            ..WorkDoneProgressBegin::default()
        }));
        progress
    }

    /// `done` files are done; a work that begins again with the first starts over silently.
    pub(crate) fn report(&self, done: usize) {
        if done < self.last.get() + STEP || done > self.total {
            return;
        }
        self.last.set(done);
        self.tell(WorkDoneProgress::Report(WorkDoneProgressReport {
            percentage: Some((done * 100 / self.total.max(1)) as u32),
            message: Some(format!("{done}/{} files", self.total)),
            ..WorkDoneProgressReport::default()
        }));
    }

    fn tell(&self, progress: WorkDoneProgress) {
        if let Some(token) = &self.token {
            let value = ProgressParamsValue::WorkDone(progress);
            self.outbox.notify::<ProgressNotification>(&ProgressParams { token: token.clone(), value });
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.tell(WorkDoneProgress::End(WorkDoneProgressEnd { message: None }));
    }
}
