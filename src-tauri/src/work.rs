//! What a person asked the copy of Stripe's records to do, and how far it is.

use std::sync::Mutex;

use tillbook_mirror::{Cancel, Phase, Progress};
use tillbook_till::Signed;
use tillbook_till::view::Notice;

use crate::state::held;
use crate::sync_view::{SyncPhase, SyncWork, WorkKind};

/// Something to be done at the next turn.
#[derive(Clone)]
pub struct Asked {
    /// What.
    pub kind: WorkKind,
    /// Who asked.
    pub by: Signed,
}

struct UnderWay {
    kind: WorkKind,
    by: Option<String>,
    cancel: Cancel,
    progress: Option<Progress>,
}

/// One piece of work at a time: what is asked for, what is under way, and how the last one ended.
#[derive(Default)]
pub struct Work {
    asked: Mutex<Option<Asked>>,
    under_way: Mutex<Option<UnderWay>>,
    failed: Mutex<Option<(WorkKind, Notice)>>,
}

impl Work {
    /// Asks for something; false where something that somebody asked for is waiting or under way.
    pub fn ask(&self, asked: Asked) -> bool {
        let busy = held(&self.under_way).as_ref().is_some_and(|work| work.kind != WorkKind::News);
        let mut waiting = held(&self.asked);
        if busy || waiting.is_some() {
            return false;
        }
        *waiting = Some(asked);
        true
    }

    /// Whether something waits to be begun.
    pub fn is_asked(&self) -> bool {
        held(&self.asked).is_some()
    }

    /// Takes what was asked for.
    pub fn take(&self) -> Option<Asked> {
        held(&self.asked).take()
    }

    /// Begins something; the switch ends it.
    pub fn begin(&self, kind: WorkKind, by: Option<String>) -> Cancel {
        let cancel = Cancel::new();
        *held(&self.under_way) = Some(UnderWay { kind, by, cancel: cancel.clone(), progress: None });
        if kind != WorkKind::News {
            *held(&self.failed) = None;
        }
        cancel
    }

    /// How far it is.
    pub fn note(&self, progress: Progress) {
        if let Some(work) = held(&self.under_way).as_mut() {
            work.progress = Some(progress);
        }
    }

    /// It has ended; why not well, if it did not.
    pub fn end(&self, failed: Option<Notice>) {
        if let Some(work) = held(&self.under_way).take()
            && let Some(reason) = failed
            && work.kind != WorkKind::News
        {
            *held(&self.failed) = Some((work.kind, reason));
        }
    }

    /// What could be stopped now: what a person asked for, waiting or under way.
    pub fn stoppable(&self) -> Option<WorkKind> {
        let waiting = held(&self.asked).as_ref().map(|asked| asked.kind);
        let working = held(&self.under_way).as_ref().map(|work| work.kind);
        waiting.or(working.filter(|kind| *kind != WorkKind::News))
    }

    /// Stops it.
    pub fn stop(&self) {
        *held(&self.asked) = None;
        if let Some(work) = held(&self.under_way).as_ref().filter(|work| work.kind != WorkKind::News) {
            work.cancel.cancel();
        }
    }

    /// Has the reading of the news begin anew: what was read stays, and lists that wait are left alone.
    pub fn begin_anew(&self) {
        if let Some(work) = held(&self.under_way).as_ref().filter(|work| work.kind == WorkKind::News) {
            work.cancel.cancel();
        }
    }

    /// For the window: what is waiting or under way. Reading the news is work worth showing only while lists are read.
    pub fn view(&self) -> Option<SyncWork> {
        if let Some(asked) = held(&self.asked).as_ref() {
            return Some(SyncWork::waiting(asked.kind, asked.by.staff().map(|staff| staff.name.clone())));
        }
        let under_way = held(&self.under_way);
        let work = under_way.as_ref()?;
        let listing = work.progress.as_ref().is_some_and(|progress| progress.phase == Phase::Backfill);
        // A copy that was told to wait is not shown as one that goes on.
        if work.kind == WorkKind::News && (!listing || work.cancel.is_canceled()) {
            return None;
        }
        let mut view = SyncWork::waiting(work.kind, work.by.clone());
        view.stopping = work.cancel.is_canceled();
        if let Some(progress) = &work.progress {
            let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            view.phase = match progress.phase {
                Phase::Backfill => SyncPhase::Lists,
                Phase::Events => SyncPhase::News,
                Phase::Again => SyncPhase::Again,
            };
            view.resource.clone_from(&progress.resource);
            view.objects = whole(progress.objects);
            view.estimate = whole(progress.estimate);
            view.per_s = whole(progress.per_s);
            view.left_s = progress.left_s.map(whole);
        }
        Some(view)
    }

    /// How the last thing that somebody asked for failed.
    pub fn failed(&self) -> Option<(WorkKind, Notice)> {
        held(&self.failed).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(phase: Phase) -> Progress {
        Progress { phase, resource: "charges".into(), objects: 40, estimate: 100, per_s: 20, left_s: Some(3) }
    }

    #[test]
    fn reading_the_news_is_shown_only_while_lists_are_read() {
        let work = Work::default();
        work.begin(WorkKind::News, None);
        work.note(progress(Phase::Events));
        assert_eq!(work.view(), None);
        work.note(progress(Phase::Backfill));
        let shown = work.view().unwrap();
        assert_eq!((shown.objects, shown.estimate, shown.per_s, shown.left_s), (40, 100, 20, Some(3)));
        assert_eq!(work.stoppable(), None);
        work.begin_anew();
        assert_eq!(work.view(), None);
    }

    #[test]
    fn what_a_person_asked_for_is_not_begun_anew_with_the_news() {
        let work = Work::default();
        let cancel = work.begin(WorkKind::FullCheck, Some("Ada".into()));
        work.begin_anew();
        assert!(!cancel.is_canceled());
        let cancel = work.begin(WorkKind::News, None);
        work.begin_anew();
        assert!(cancel.is_canceled());
    }

    #[test]
    fn what_was_asked_for_can_be_stopped_and_says_how_it_failed() {
        let work = Work::default();
        let cancel = work.begin(WorkKind::FullCheck, Some("Ada".into()));
        assert_eq!(work.stoppable(), Some(WorkKind::FullCheck));
        work.stop();
        assert!(cancel.is_canceled() && work.view().unwrap().stopping);
        let why = Notice { code: "offline".into(), text: "the line broke".into() };
        work.end(Some(why.clone()));
        assert_eq!(work.failed(), Some((WorkKind::FullCheck, why)));
        work.begin(WorkKind::Certificate, None);
        assert_eq!(work.failed(), None);
    }
}
