//! What the tests of the whole program stand on: where the built programs are, what a test needs from the machine,
//! and a window that is looked at and clicked as a person would: by the names of things, never by their place in a
//! page.
//!
//! What may come in: paths of built programs and of data folders made for a test. What never happens here: nothing
//! reaches into the program's own types; it is seen from outside, as its users see it.

mod bridge;
mod machine;
mod window;

pub use bridge::Bridge;
pub use machine::{built, missing, picture_folder, repository, shop_with_a_past};
pub use window::{Kind, Window};

/// What a step of a test answers; the error is for the person who reads the test's output.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
