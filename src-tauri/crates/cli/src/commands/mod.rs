//! One file for each command. Each takes its arguments apart, asks the room that knows, and prints.

mod bench;
mod export;
mod find;
mod practice;
mod reader;
mod refund;
mod resolve;
mod sales;
mod sell;
mod setup;
mod show;
mod status;
mod sync;
mod tap;
mod verify;

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::output::{Exit, Output};

/// Runs the command.
pub async fn run(cli: Cli, out: Output) -> Result<Exit, Failure> {
    let common = &cli.common;
    match &cli.command {
        Command::Practice(args) => practice::run(common, args).await,
        Command::Sync(args) => sync::run(common, args, out).await,
        Command::Status => status::run(common, out),
        Command::Show { id } => show::run(common, id),
        Command::Find(args) => find::run(common, args, out),
        Command::Setup(args) => setup::run(common, args, out),
        Command::Sell(args) => sell::run(common, args, out).await,
        Command::Refund(args) => refund::run(common, args, out).await,
        Command::Sales => sales::run(common, out),
        Command::Resolve => resolve::run(common, out).await,
        Command::Export(args) => export::run(common, args, out),
        Command::Verify(args) => verify::run(common, args, out),
        Command::Bench { what } => bench::run(common, what, out).await,
    }
}
