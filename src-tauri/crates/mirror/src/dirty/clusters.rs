//! Which dirty objects are cheaper to list than to read one by one.

use super::Dirty;
use crate::kind::KindId;
use crate::{Inner, MirrorError};

const PAGE: i64 = 100;

#[derive(Debug)]
pub(super) enum Cluster {
    Singly(Vec<Dirty>),
    Listed(Vec<Dirty>, i64, i64),
}

/// Cuts dirty objects (in the order of `created`) where the gaps are widest, until listing a piece costs fewer requests
/// than reading its objects one by one, or the piece is small.
pub(super) fn clusters(inner: &Inner, kind: KindId, dirty: Vec<Dirty>) -> Result<Vec<Cluster>, MirrorError> {
    let mut done = Vec::new();
    let mut waiting = vec![dirty];
    while let Some(mut piece) = waiting.pop() {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
        let (lo, hi) = (first.created, last.created.saturating_add(1));
        let singly = i64::try_from(piece.len()).unwrap_or(i64::MAX);
        if singly > 2 {
            let sql =
                format!("SELECT count(*) FROM {} WHERE created >= ?1 AND created < ?2", kind.kind().table);
            let here: i64 = inner
                .store
                .mirror
                .read::<_, MirrorError>(|c| Ok(c.query_row(&sql, [lo, hi], |r| r.get(0))?))?;
            let pages = here.max(singly) / PAGE + 1;
            if pages < singly {
                done.push(Cluster::Listed(piece, lo, hi));
                continue;
            }
        }
        let widest = piece
            .windows(2)
            .map(|pair| pair[1].created - pair[0].created)
            .enumerate()
            .max_by_key(|(_, w)| *w);
        match widest {
            Some((at, _)) if piece.len() > 8 => {
                let right = piece.split_off(at + 1);
                waiting.extend([piece, right]);
            }
            _ => done.push(Cluster::Singly(piece)),
        }
    }
    Ok(done)
}
