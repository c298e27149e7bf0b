//! The desktop program. It wires and delegates: what staff do is in `tillbook_till`, what the window shows in `ui/`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod inputs;
mod wire;

#[cfg(test)]
mod types;

fn main() {}
