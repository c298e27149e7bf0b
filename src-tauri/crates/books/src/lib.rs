//! What accountants read: reports, exports, verification.
