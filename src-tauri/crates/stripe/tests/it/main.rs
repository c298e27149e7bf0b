//! What the crate does over a real socket.
