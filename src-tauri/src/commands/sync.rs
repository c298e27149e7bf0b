//! How far the copy of Stripe's records is, and what a person can have done about it.

use std::sync::Arc;

use tauri::State;
use tillbook_store::{Clock, SystemClock};
use tillbook_till::view::{Notice, SyncCount, SyncView};
use tillbook_till::{Clash, TillError};

use crate::inputs::{ReceiverInput, Tag};
use crate::receiver;
use crate::state::{Desk, Open};
use crate::sync_proof;
use crate::sync_view::{self as room, SyncBudget, SyncDetails, SyncSpent, WorkKind};
use crate::wire::{CommandError, Mode};
use crate::work::Asked;

const DAY_MINUTES: i64 = 1440;
const DAY_HOURS: i64 = 24;

/// How far the mirror is.
#[tauri::command]
pub async fn sync_status(desk: State<'_, Desk>) -> Result<SyncView, CommandError> {
    let signed = desk.signed()?;
    desk.inside(move |open| open.house.till.may_sync(&signed).and_then(|()| view(open))).await
}

/// Everything the Sync room shows.
#[tauri::command]
pub async fn sync_details(desk: State<'_, Desk>) -> Result<SyncDetails, CommandError> {
    let signed = desk.signed()?;
    desk.inside(move |open| open.house.till.may_sync(&signed).and_then(|()| details(open))).await
}

/// Asks Stripe for news now instead of at the next turn.
#[tauri::command]
pub async fn sync_now(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.at_till(|house, who| house.till.may_sync(who)).await?;
    desk.open().await?.follower.hurry();
    Ok(())
}

/// Has the copy compared with Stripe now.
#[tauri::command]
pub async fn sync_certify(desk: State<'_, Desk>) -> Result<(), CommandError> {
    let by = desk.signed()?;
    desk.at_till(|house, who| house.till.may_certify(who)).await?;
    begin(&desk, Asked { kind: WorkKind::Certificate, by }).await
}

/// Has every list read again. The price in reads was told before, and goes on the record.
#[tauri::command]
pub async fn sync_full_check(desk: State<'_, Desk>) -> Result<(), CommandError> {
    let by = desk.signed()?;
    let open = desk.open().await?;
    desk.at_till(move |house, who| {
        house.till.may_check_all(who)?;
        if open.follower.work.stoppable().is_some() {
            return Err(Clash::UnderWay.into());
        }
        house.till.note_full_check(who, house.mirror.full_check_reads()?)
    })
    .await?;
    begin(&desk, Asked { kind: WorkKind::FullCheck, by }).await
}

async fn begin(desk: &Desk, asked: Asked) -> Result<(), CommandError> {
    let open = desk.open().await?;
    if !open.follower.work.ask(asked) {
        return Err(TillError::from(Clash::UnderWay).into());
    }
    open.follower.hurry();
    desk.news.changed(&[Tag::Sync]);
    Ok(())
}

/// Has the copying of old records wait. What was stored stays, and the news goes on being read.
#[tauri::command]
pub async fn sync_pause(desk: State<'_, Desk>) -> Result<(), CommandError> {
    let waits = desk.at_till(|house, who| house.till.pause_copy(who)).await?;
    if waits {
        desk.open().await?.follower.work.begin_anew();
    }
    desk.news.changed(&[Tag::Sync]);
    Ok(())
}

/// Lets it go on from the page where it stood.
#[tauri::command]
pub async fn sync_go_on(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.at_till(|house, who| house.till.go_on_with_copy(who)).await?;
    desk.open().await?.follower.hurry();
    desk.news.changed(&[Tag::Sync]);
    Ok(())
}

/// Lets the copying of old records go on without regard to the daily share of reads.
#[tauri::command]
pub async fn sync_hurry(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.at_till(|house, who| {
        house.till.note_hurry(who)?;
        house.till.go_on_with_copy(who)
    })
    .await?;
    let open = desk.open().await?;
    open.follower.set_hurried(true);
    open.follower.hurry();
    desk.news.changed(&[Tag::Sync]);
    Ok(())
}

/// Stops what was asked for. What was stored until then stays.
#[tauri::command]
pub async fn sync_cancel(desk: State<'_, Desk>) -> Result<(), CommandError> {
    let open = desk.open().await?;
    let kind = open.follower.work.stoppable();
    desk.at_till(move |house, who| match kind {
        Some(WorkKind::FullCheck) => house.till.may_check_all(who),
        _ => house.till.may_certify(who),
    })
    .await?;
    open.follower.work.stop();
    desk.news.changed(&[Tag::Sync]);
    Ok(())
}

/// Takes deliveries of `stripe listen` from now on.
#[tauri::command]
pub async fn receiver_on(desk: State<'_, Desk>, input: ReceiverInput) -> Result<(), CommandError> {
    desk.at_till(move |house, who| house.till.receiver_on(who, input.port, &input.secret)).await?;
    receiver::resume(&desk.open().await?, &desk.news).await;
    Ok(())
}

/// Has the Stripe inside deliver its news, as `stripe listen` does. In practice mode only.
#[tauri::command]
pub async fn receiver_practice(desk: State<'_, Desk>) -> Result<(), CommandError> {
    let open = desk.open().await?;
    if open.mode != Mode::Practice {
        return Err(CommandError::practice_only());
    }
    desk.at_till(|house, who| house.till.may_check_all(who)).await?;
    let (port, secret) = receiver::from_inside(&open)?;
    desk.at_till(move |house, who| house.till.receiver_on(who, port, &secret)).await?;
    receiver::resume(&open, &desk.news).await;
    Ok(())
}

/// Takes none any more.
#[tauri::command]
pub async fn receiver_off(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.at_till(|house, who| house.till.receiver_off(who)).await?;
    let open: Arc<Open> = desk.open().await?;
    receiver::resume(&open, &desk.news).await;
    desk.news.changed(&[Tag::Sync]);
    Ok(())
}

fn view(open: &Open) -> Result<SyncView, TillError> {
    let status = open.house.mirror.status()?;
    let stopped = status.stopped.as_ref().map(|(code, _)| code.as_str());
    let news_to_ms = status.complete_to.map(room::ms);
    Ok(SyncView {
        state: open.follower.state(status.complete_to, &status.copying, stopped),
        complete_to_ms: news_to_ms.filter(|_| status.copying.is_whole()),
        news_to_ms,
        problem: status.stopped.clone().map(|(code, text)| Notice { code, text }),
        counts: status
            .counts
            .into_iter()
            .map(|count| SyncCount { resource: count.resource, objects: count.objects })
            .collect(),
        requests_this_month: status.requests_this_month,
    })
}

fn details(open: &Open) -> Result<SyncDetails, TillError> {
    let (mirror, follower) = (&open.house.mirror, &open.follower);
    let status = mirror.status()?;
    let resources = room::resources(&status);
    let now_minute = SystemClock.now_ms().div_euclid(60_000);
    let now_hour = now_minute.div_euclid(60);
    let hours = mirror.requests_by_hour(now_hour.saturating_sub(DAY_HOURS - 1))?;
    let spent = status
        .spent
        .iter()
        .map(|(purpose, requests)| SyncSpent { purpose: purpose.clone(), requests: *requests });
    Ok(SyncDetails {
        resources,
        copy: room::copy(&status.copying),
        ranges_open: status.ranges_open,
        dirty: status.dirty,
        rejected: status.rejected,
        budget: SyncBudget {
            applies: open.house.client.as_ref().is_some_and(|client| !client.endpoint().is_loopback()),
            total: status.plan.budget,
            left: status.plan.left,
            spent: spent.collect(),
            pace_s: status.plan.poll_after_s,
        },
        certificate: status.certificate.as_ref().map(sync_proof::certificate),
        full_check_reads: mirror.full_check_reads()?,
        work: follower.work.view(),
        failed: follower.work.failed().map(|(_, why)| why),
        lists_end_at_ms: follower.lists_end_at().map(room::ms),
        hurried: follower.is_hurried(),
        delays: room::delays(&mirror.delays_since(now_minute.saturating_sub(DAY_MINUTES))?),
        hours: room::hours(&hours, now_hour),
        receiver: open.receiver.view(),
    })
}
