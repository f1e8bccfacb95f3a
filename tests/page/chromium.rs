//! Chromium, asked by its DevTools protocol over a pair of pipes: <https://chromedevtools.github.io/devtools-protocol/>.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with one page.
pub(crate) struct Chromium {
    process: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    last: u64,
    /// What it told unasked since the page was opened, as method and parameters.
    events: Vec<(String, Value)>,
    _folder: TempDir,
}

impl Chromium {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipe = |name: &str| {
            let path = folder.path().join(name);
            mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
            path
        };
        let (to, from) = (pipe("to"), pipe("from"));
        // its descriptors 3 and 4 are the pipes
        let line = "exec chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-extensions \
            --disable-background-networking --disable-dev-shm-usage --hide-scrollbars --remote-debugging-pipe \
            --user-data-dir=\"$0/profile\" about:blank 3<\"$0/to\" 4>\"$0/from\"";
        let process = Command::new("sh")
            .args(["-c", line])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = File::options().write(true).open(to).unwrap();
        let from = BufReader::new(File::open(from).unwrap());
        let mut chromium = Self {
            process,
            to,
            from,
            session: None,
            last: 0,
            events: Vec::new(),
            _folder: folder,
        };
        let target = chromium.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let words = json!({ "targetId": target["targetId"], "flatten": true });
        let session = chromium.ask("Target.attachToTarget", words);
        chromium.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in [
            "Page",
            "Runtime",
            "Network",
            "Log",
            "Audits",
            "Accessibility",
        ] {
            chromium.ask(&format!("{domain}.enable"), json!({}));
        }
        chromium
    }

    /// Calls a method and returns its result.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(b"\0").unwrap();
        loop {
            let answer = self.hear();
            if answer["id"] == json!(self.last) {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Returns the next message; what it tells unasked is kept.
    fn hear(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        bytes.pop();
        assert!(!bytes.is_empty(), "chromium ended");
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        if let Some(method) = message["method"].as_str() {
            self.events
                .push((method.to_owned(), message["params"].clone()));
        }
        message
    }

    /// Opens a file in a window of this width and colour scheme, and returns what it asked for and complained of.
    pub(crate) fn open(&mut self, file: &Path, width: u32, scheme: &str) -> Vec<String> {
        self.events.clear();
        let size =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size);
        self.media("", scheme);
        let url = format!("file://{}", file.display());
        self.ask("Page.navigate", json!({ "url": url }));
        while !self
            .events
            .iter()
            .any(|(method, _)| method == "Page.loadEventFired")
        {
            self.hear();
        }
        // whatever comes late has come when this is done
        let idle = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))";
        self.ask(
            "Runtime.evaluate",
            json!({ "expression": idle, "awaitPromise": true }),
        );
        let told = self
            .events
            .iter()
            .filter_map(|(method, params)| match method.as_str() {
                "Network.requestWillBeSent" if params["request"]["url"] == json!(url) => None,
                "Network.requestWillBeSent"
                | "Runtime.consoleAPICalled"
                | "Runtime.exceptionThrown"
                | "Log.entryAdded"
                | "Audits.issueAdded" => Some(format!("{method}: {params}")),
                _ => None,
            });
        told.collect()
    }

    /// Lets the page be shown on this medium.
    pub(crate) fn media(&mut self, medium: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask(
            "Emulation.setEmulatedMedia",
            json!({ "media": medium, "features": features }),
        );
    }

    /// Returns the value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let words = json!({ "expression": expression, "returnByValue": true });
        let answer = self.ask("Runtime.evaluate", words);
        assert!(answer.get("exceptionDetails").is_none(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// Returns what assistive technology is told, as role and name.
    pub(crate) fn accessible(&mut self) -> Vec<(String, String)> {
        let tree = self.ask("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().unwrap().iter();
        let seen = nodes.filter(|node| node["ignored"] == json!(false));
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        seen.map(|node| (text(&node["role"]), text(&node["name"])))
            .collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
