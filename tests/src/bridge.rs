//! `tauri-driver`, the WebDriver that opens the program and hands its window to WebKit's own driver.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

use crate::{Outcome, machine};

/// A running bridge; it and the window it opened end when this is dropped.
#[derive(Debug)]
pub struct Bridge {
    child: Child,
    port: u16,
}

impl Bridge {
    /// Starts it on free ports. The program it opens sees `environment` and nothing of a person's own data.
    pub async fn start(environment: &[(&str, &Path)]) -> Outcome<Self> {
        let program = machine::bridge_program().ok_or("tauri-driver is not installed: run `make deps`")?;
        let native = machine::native_driver().ok_or("WebKitWebDriver is not installed: run `make deps`")?;
        let [port, native_port] = free_ports()?;
        let mut command = Command::new(program);
        command
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string(), "--native-driver"])
            .arg(native)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut bridge = Self { child: command.spawn()?, port };
        bridge.wait_until_it_listens().await?;
        Ok(bridge)
    }

    /// Where WebDriver requests go.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn wait_until_it_listens(&mut self) -> Outcome<()> {
        for _ in 0..300 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("tauri-driver ended at once: {status}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("tauri-driver does not listen".into())
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // Asked to end it ends the driver too; killed it would leave the driver behind.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if asked.is_ok_and(|status| status.success()) || self.child.kill().is_ok() {
            let _ = self.child.wait();
        }
    }
}

/// Two ports that were free a moment ago; the drivers cannot be told to choose one themselves. Both are held until both
/// are known: a port that was let go may be the next one that is given.
fn free_ports() -> Outcome<[u16; 2]> {
    let held = [TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?];
    Ok([held[0].local_addr()?.port(), held[1].local_addr()?.port()])
}
