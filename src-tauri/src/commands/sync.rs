//! How far the copy of Stripe's records is.

use tauri::State;
use tillbook_till::TillError;
use tillbook_till::view::{Notice, Right, SyncCount, SyncView};

use crate::state::{Desk, Open};
use crate::wire::CommandError;

/// How far the mirror is.
#[tauri::command]
pub async fn sync_status(desk: State<'_, Desk>) -> Result<SyncView, CommandError> {
    may_see(&desk)?;
    desk.inside(view).await
}

/// Asks Stripe for news now instead of at the next turn.
#[tauri::command]
pub async fn sync_now(desk: State<'_, Desk>) -> Result<(), CommandError> {
    may_see(&desk)?;
    desk.open().await?.follower.hurry();
    Ok(())
}

/// Nothing is written by looking, so the till has no command for it; the right is its all the same.
fn may_see(desk: &Desk) -> Result<(), CommandError> {
    let signed = desk.signed()?;
    match signed.staff() {
        Some(staff) if !signed.rights().contains(&Right::Sync) => {
            Err(TillError::NotAllowed { name: staff.name.clone(), right: Right::Sync }.into())
        }
        Some(_) => Ok(()),
        None => Err(CommandError::signed_out()),
    }
}

fn view(open: &Open) -> Result<SyncView, TillError> {
    let status = open.house.mirror.status()?;
    let stopped = status.stopped.as_ref().map(|(code, _)| code.as_str());
    // What stopped everything is told before what stands in the way of one resource.
    let problem = status.stopped.clone().or_else(|| {
        status
            .problems
            .first()
            .map(|trouble| (trouble.code.clone(), format!("{}: {}", trouble.resource, trouble.text)))
    });
    Ok(SyncView {
        state: open.follower.state(status.complete_to.is_some(), stopped),
        complete_to_ms: status.complete_to.map(|seconds| seconds.saturating_mul(1000)),
        counts: status
            .counts
            .into_iter()
            .map(|count| SyncCount { resource: count.resource, objects: count.objects })
            .collect(),
        requests_this_month: status.requests_this_month,
        problem: problem.map(|(code, text)| Notice { code, text }),
    })
}
