//! The program's real window, looked at and clicked by the names of what is in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{Capabilities, TypingData};

use crate::{Bridge, Outcome, built, machine};

/// What can be pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Buttons, tabs, menu items, choices.
    Button,
    /// Where something is typed or chosen.
    Field,
    /// An entry of the navigation.
    Link,
    /// A row of a list or table.
    Row,
    /// An open dialog.
    Dialog,
    /// A heading.
    Heading,
    /// Anything, by the mark (`data-testid`) that tests know it by: for what has no name, or one that changes.
    Mark,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Field => "field",
            Self::Link => "link",
            Self::Row => "row",
            Self::Dialog => "dialog",
            Self::Heading => "heading",
            Self::Mark => "mark",
        }
    }
}

/// Whether it would do something if it were clicked: pages mark what would not, and say why.
async fn usable(element: &WebElement) -> bool {
    let enabled = element.is_enabled().await.unwrap_or(false);
    enabled && element.attr("aria-disabled").await.ok().flatten().as_deref() != Some("true")
}

/// How often something is looked for before it is said to be missing: 30 seconds in all.
const LOOKS: u32 = 300;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// An open Tillbook.
#[derive(Debug)]
pub struct Window {
    driver: WebDriver,
    data: PathBuf,
    // Ends after the session.
    _bridge: Bridge,
}

impl Window {
    /// Opens the program on a data folder of the test's own; `environment` is added to what it sees.
    pub async fn open(data: &Path, environment: &[(&str, &Path)]) -> Outcome<Self> {
        let mut seen = vec![("TILLBOOK_DATA", data)];
        seen.extend_from_slice(environment);
        match Self::begin(data, &seen).await {
            Ok(window) => Ok(window),
            // Somebody else may have taken a port between the moment it was found free and the driver's start.
            Err(_) => Self::begin(data, &seen).await,
        }
    }

    async fn begin(data: &Path, environment: &[(&str, &Path)]) -> Outcome<Self> {
        let bridge = Bridge::start(environment).await?;
        let mut capabilities = Capabilities::new();
        capabilities.set("browserName".to_owned(), json!("wry"))?;
        capabilities.set("tauri:options".to_owned(), json!({ "application": built("tillbook-desktop")? }))?;
        let driver = WebDriver::new(bridge.url(), capabilities).await?;
        Ok(Self { driver, data: data.to_owned(), _bridge: bridge })
    }

    /// Closes the window and the program with it.
    pub async fn close(self) -> Outcome<()> {
        self.driver.clone().quit().await?;
        Ok(machine::until_nobody_uses(&self.data).await?)
    }

    /// Kills the program where it stands, as a power cut would.
    pub async fn kill(self) -> Outcome<()> {
        for program in machine::programs_on(&self.data) {
            std::process::Command::new("kill").args(["-9", &program]).status()?;
        }
        machine::until_nobody_uses(&self.data).await?;
        // The driver still believes in its session; that it cannot end it any more is no news.
        let _ = self.driver.clone().quit().await;
        Ok(())
    }

    /// Makes the page this large, whatever frame there is around it.
    pub async fn resize(&self, width: u32, height: u32) -> Outcome<()> {
        self.driver.set_window_rect(0, 0, width, height).await?;
        let wanted = json!([width, height]);
        self.until("the window's new size", "return [innerWidth, innerHeight]", vec![], |is| *is == wanted)
            .await
    }

    /// Looks once for the best match.
    async fn look(&self, kind: Kind, name: &str, exact: bool) -> Outcome<Option<WebElement>> {
        let arguments = vec![json!(kind.word()), json!(name), json!(exact)];
        let found = self.driver.execute(include_str!("finder.js"), arguments).await?;
        Ok(found.elements()?.into_iter().next())
    }

    /// Whether it is there now.
    pub async fn has(&self, kind: Kind, name: &str) -> Outcome<bool> {
        Ok(self.look(kind, name, false).await?.is_some())
    }

    /// Waits for something with this name, or one that begins with it or holds it.
    pub async fn find(&self, kind: Kind, name: &str) -> Outcome<WebElement> {
        for _ in 0..LOOKS {
            if let Some(element) = self.look(kind, name, false).await? {
                return Ok(element);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(format!("no {} named {name:?}; the page says:\n{}", kind.word(), self.text().await?).into())
    }

    /// Clicks it, once it can be clicked.
    pub async fn click(&self, kind: Kind, name: &str) -> Outcome<()> {
        let mut last = String::new();
        for _ in 0..LOOKS {
            // What was found may be drawn anew before it is clicked, or still be covered by what closes.
            match self.look(kind, name, false).await? {
                Some(element) if usable(&element).await => match element.click().await {
                    Ok(()) => return Ok(()),
                    Err(error) => last = error.to_string(),
                },
                Some(_) => "it is disabled".clone_into(&mut last),
                None => "it is not there".clone_into(&mut last),
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let page = self.text().await?;
        Err(format!("cannot click the {} {name:?}: {last}; the page says:\n{page}", kind.word()).into())
    }

    /// Clicks a button.
    pub async fn press(&self, name: &str) -> Outcome<()> {
        self.click(Kind::Button, name).await
    }

    /// Clicks what carries this mark.
    pub async fn tap(&self, mark: &str) -> Outcome<()> {
        self.click(Kind::Mark, mark).await
    }

    /// Waits for what carries this mark.
    pub async fn see(&self, mark: &str) -> Outcome<WebElement> {
        self.find(Kind::Mark, mark).await
    }

    /// Replaces what a field holds; the field by its mark.
    pub async fn fill(&self, mark: &str, text: &str) -> Outcome<()> {
        let element = self.see(mark).await?;
        if element.tag_name().await? == "select" {
            return self.choose(&element, text).await;
        }
        element.clear().await?;
        Ok(element.send_keys(text).await?)
    }

    /// Chooses an entry of a list by its words or its value.
    async fn choose(&self, list: &WebElement, text: &str) -> Outcome<()> {
        let script = "const [list, text] = arguments;
            const one = [...list.options].find((o) => o.value === text || o.text.trim() === text);
            if (!one) return false;
            list.value = one.value;
            list.dispatchEvent(new Event('input', { bubbles: true }));
            list.dispatchEvent(new Event('change', { bubbles: true }));
            return true;";
        let chosen = self.driver.execute(script, vec![list.to_json()?, json!(text)]).await?;
        if *chosen.json() == json!(true) {
            Ok(())
        } else {
            Err(format!("the list has no entry {text:?}").into())
        }
    }

    /// Types on the keyboard, wherever the focus is.
    pub async fn keys(&self, keys: impl Into<TypingData>) -> Outcome<()> {
        Ok(self.driver.active_element().await?.send_keys(keys).await?)
    }

    /// All the words that can be seen.
    pub async fn text(&self) -> Outcome<String> {
        let text = self.driver.execute("return document.body.innerText", vec![]).await?;
        Ok(text.json().as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page says this, in any letter case.
    pub async fn says(&self, words: &str) -> Outcome<()> {
        let wanted = words.to_lowercase();
        let script = "return document.body.innerText.replace(/\\s+/g, ' ')";
        self.until(&format!("the words {words:?}"), script, vec![], |is| {
            is.as_str().is_some_and(|text| text.to_lowercase().contains(&wanted))
        })
        .await
    }

    /// Waits until the page no longer says this.
    pub async fn no_longer_says(&self, words: &str) -> Outcome<()> {
        let wanted = words.to_lowercase();
        let script = "return document.body.innerText.replace(/\\s+/g, ' ')";
        self.until(&format!("the words {words:?} to go"), script, vec![], |is| {
            is.as_str().is_some_and(|text| !text.to_lowercase().contains(&wanted))
        })
        .await
    }

    /// Waits until a script's answer is as wanted.
    pub async fn until(
        &self,
        what: &str,
        script: &str,
        arguments: Vec<Value>,
        wanted: impl Fn(&Value) -> bool,
    ) -> Outcome<()> {
        for _ in 0..LOOKS {
            if wanted(self.driver.execute(script, arguments.clone()).await?.json()) {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(format!("waited in vain for {what}; the page says:\n{}", self.text().await?).into())
    }

    /// Asks the core as the page would, past everything the page might hide: what is refused is refused by the core.
    pub async fn ask(&self, command: &str, input: Value) -> Outcome<Result<Value, Value>> {
        let script = "const [command, input, done] = arguments;
            const args = input === null ? {} : { input };
            window.__TAURI_INTERNALS__.invoke(command, args).then((ok) => done({ ok }), (err) => done({ err }));";
        let told = self.driver.execute_async(script, vec![json!(command), input]).await?;
        let told = told.json();
        Ok(match told.get("err") {
            Some(error) => Err(error.clone()),
            None => Ok(told.get("ok").cloned().unwrap_or(Value::Null)),
        })
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Outcome<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Saves a picture of the page, once its fonts are there and nothing moves any more.
    pub async fn picture(&self, folder: &Path, name: &str) -> Outcome<()> {
        let still = "return document.fonts.status === 'loaded' && document.getAnimations().every((one) =>
            one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)";
        self.until("a still page", still, vec![], |is| *is == json!(true)).await?;
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("{name}.png")), self.still().await?)?;
        Ok(())
    }

    /// The page once it is drawn whole: after a change of size what is drawn lags behind what the page says, so the
    /// same picture has to come twice. A caret that blinks may prevent that, and then the last one counts.
    async fn still(&self) -> Outcome<Vec<u8>> {
        let drawn =
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        let mut before = Vec::new();
        for _ in 0..8 {
            self.driver.execute_async(drawn, vec![]).await?;
            tokio::time::sleep(BETWEEN_LOOKS).await;
            let now = self.driver.screenshot_as_png().await?;
            if now == before {
                break;
            }
            before = now;
        }
        Ok(before)
    }
}
