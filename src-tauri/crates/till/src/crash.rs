//! Places between two steps where a test may pull the plug. The program itself never stops at any of them.

/// Decides whether the program "dies" at a place.
pub trait Stops: Send + Sync {
    /// Whether to stop here.
    fn stop_at(&self, place: &'static str) -> bool;
}

/// Never.
#[derive(Debug, Clone, Copy, Default)]
pub struct NeverStops;

impl Stops for NeverStops {
    fn stop_at(&self, _place: &'static str) -> bool {
        false
    }
}

/// Every place there is, in the order in which a payment and a refund pass them; a test walks them all.
pub const PLACES: &[&str] = &[
    "payment_started",
    "create_marked_sent",
    "create_answered",
    "payment_intent_stored",
    "reader_looked_at",
    "process_written",
    "process_marked_sent",
    "process_answered",
    "waiting",
    "outcome_seen",
    "outcome_written",
    "cancel_asked",
    "cancel_action_marked_sent",
    "cancel_action_answered",
    "cancel_marked_sent",
    "cancel_answered",
    "refund_written",
    "refund_marked_sent",
    "refund_answered",
    "refund_settled",
];
