//! Shared by the tests that cross rooms.
