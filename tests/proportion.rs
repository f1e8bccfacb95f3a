//! Nasty shapes at a growing size: memory in proportion to it, and an end.
//!
//! Memory is that of a process: each shape has one of its own, this test's own executable.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    reason = "a test says what it measured"
)]

#[path = "../fuzz/bodies/mod.rs"]
mod bodies;

#[path = "support/sample.rs"]
mod sample;

use std::fs;
use std::process::{Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// A text made of `start`, many times `part`, and `end`.
struct Shape {
    body: &'static str,
    what: &'static str,
    start: &'static str,
    part: &'static str,
    end: &'static str,
}

const fn shape(body: &'static str, what: &'static str, parts: [&'static str; 3]) -> Shape {
    let [start, part, end] = parts;
    Shape {
        body,
        what,
        start,
        part,
        end,
    }
}

const SHAPES: &[Shape] = &[
    shape("network", "deep nesting", ["<network>", "<a>", ""]),
    shape(
        "network",
        "many elements",
        ["<network><name>a</name>", "<a/>", "</network>"],
    ),
    shape("network", "many attributes", ["<network ", " a='b'", "/>"]),
    shape("network", "many comments", ["<network>", "<!-- -->", ""]),
    shape("network", "an open comment", ["<network><!--", "- ", ""]),
    shape("network", "many quotes", ["<network a=", "'\"", ""]),
    shape("network", "many references", ["<network>", "&lt;", ""]),
    shape(
        "network",
        "many host entries",
        [
            "<network><name>a</name><bridge name='virbr1'/><ip address='10.1.0.1' prefix='16'><dhcp>",
            "<host mac='52:54:00:00:00:01' ip='10.1.0.9'/>\n",
            "</dhcp></ip></network>",
        ],
    ),
    shape(
        "guest",
        "many interfaces",
        [
            "<domain><name>a</name><devices>",
            "<interface type='network'><source network='default'/></interface>\n",
            "</devices></domain>",
        ],
    ),
    shape("ifcfg", "many lines", ["DEVICE=ens33\n", "A=b\n", ""]),
    shape(
        "ifcfg",
        "many addresses",
        ["DEVICE=ens33\n", "IPADDR=10.0.0.1\n", ""],
    ),
    shape("ifcfg", "many quotes", ["DEVICE=", "'a'\"b\"", "\n"]),
    shape("ifcfg", "open quotes", ["A=", "\"'", ""]),
    shape("ifcfg", "nested substitutions", ["A=", "$(", ""]),
    shape("ifcfg", "nested braces", ["A=", "${a:-", ""]),
    shape("ifcfg", "nested code", ["", "if a; then ", ""]),
    shape("ifcfg", "many here-documents", ["", "a <<E ", "\n"]),
    shape("ifcfg", "a long line of words", ["A=b ", "B=c ", "\n"]),
    shape("ifcfg", "continued lines", ["A=b", "\\\n", ""]),
    shape(
        "ifcfg",
        "comments",
        ["DEVICE=ens33\n", "# a\n", "IPADDR=10.0.0.1\n"],
    ),
    shape("keyfile", "many sections", ["", "[a]\n", ""]),
    shape("keyfile", "many keys", ["[connection]\n", "a=b\n", ""]),
    shape(
        "keyfile",
        "many addresses",
        [
            "[connection]\ninterface-name=ens33\n[ipv4]\nmethod=manual\n",
            "address1=10.0.0.1/24\n",
            "",
        ],
    ),
    shape(
        "readers",
        "many names of one .network file",
        ["[Network]\nBridge=br0\n[Match]\nName=", "eth0 ", "\n"],
    ),
    shape(
        "readers",
        "many unmanaged devices",
        [
            "[keyfile]\nunmanaged-devices=",
            "mac:52:54:00:00:00:01;",
            "\nunmanaged-devices-=*\n",
        ],
    ),
    shape(
        "readers",
        "many stanzas",
        ["", "iface eth0 inet manual\nbridge_ports eth1\n", ""],
    ),
    shape(
        "readers",
        "many sources",
        ["", "source /etc/network/x*\n", ""],
    ),
    shape(
        "readers",
        "many bridges in YAML",
        [
            "network:\n  bridges:\n",
            "    br0: {interfaces: [eth0, eth1]}\n",
            "",
        ],
    ),
    shape("readers", "deep YAML", ["network: ", "[", ""]),
    shape(
        "readers",
        "many references in a database",
        [
            "OVSDB JSON 1 x\n{\"Bridge\":{\"a\":{\"name\":\"br0\",\"ports\":[\"set\",[[\"uuid\",\"b\"]",
            ",[\"uuid\",\"b\"]",
            "]]}},\"Port\":{\"b\":{\"name\":\"eth0\"}}}\n",
        ],
    ),
    shape("leases", "deep nesting", ["", "[", ""]),
    shape("leases", "many entries", ["[{}", ",{}", "]"]),
    shape(
        "leases",
        "many leases",
        [
            "[{}",
            ",{\"ip-address\": \"192.168.122.2\", \"mac-address\": \"52:54:00:00:00:01\", \"expiry-time\": 1}\n",
            "]",
        ],
    ),
    shape(
        "journal",
        "deep nesting",
        ["{\"version\":1,\"a\":", "[", ""],
    ),
    shape(
        "plan",
        "deep nesting",
        ["{\"kvmnet_plan\":2,\"a\":", "[", ""],
    ),
];

/// How many bytes each shape has, at first and then; with `KVMNET_WHOLE=1` more.
fn sizes() -> [usize; 2] {
    match sample::whole() {
        true => [32 << 10, 128 << 10],
        false => [8 << 10, 32 << 10],
    }
}

/// The number of the shape for the process that is measured.
const SHAPE: &str = "KVMNET_TEST_SHAPE";

/// As many bytes of memory may be taken for one of text, and for any text.
const MEMORY: (usize, usize) = (1000, 8 << 20);

/// Nobody waits longer; what is in proportion takes a hundredth.
const HANGS: Duration = Duration::from_secs(120);

/// Forgets the highest use of memory, proc(5); false where the kernel knows none.
fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// Returns a line of /proc/self/status in bytes.
fn status(name: &str) -> Option<usize> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: usize = line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().ok()?;
    Some(kibibytes << 10)
}

/// Returns which sizes of a shape took too much.
fn large(shape: &Shape) -> Vec<String> {
    let (_, body) = bodies::ALL
        .iter()
        .find(|(name, _)| *name == shape.body)
        .unwrap();
    let mut large = Vec::new();
    for size in sizes() {
        let times = size / shape.part.len();
        let text = [shape.start, &shape.part.repeat(times), shape.end].concat();
        // the pages of the program itself are none that a text takes
        body([shape.start, shape.part, shape.end].concat().as_bytes());
        let measured = forget_peak();
        let before = status("VmRSS").unwrap_or_default();
        let (done, ended) = mpsc::channel();
        let body = *body;
        thread::spawn(move || {
            body(text.as_bytes());
            done.send(()).unwrap();
        });
        let name = format!("{} {} of {size} bytes", shape.body, shape.what);
        ended
            .recv_timeout(HANGS)
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        let took = status("VmHWM").unwrap_or_default().saturating_sub(before);
        println!("{name}: {} KiB", took >> 10);
        if measured && took > MEMORY.0 * size + MEMORY.1 {
            large.push(format!("{name}: {took} bytes"));
        }
    }
    large
}

#[test]
#[ignore = "run by the other test, with a shape"]
fn measured() {
    let Ok(number) = std::env::var(SHAPE) else {
        return;
    };
    let large = large(&SHAPES[number.parse::<usize>().unwrap()]);
    assert!(large.is_empty(), "{large:#?}");
}

#[test]
fn memory_is_in_proportion_and_there_is_an_end() {
    let this = std::env::current_exe().unwrap();
    let faults = Mutex::new(Vec::new());
    let numbers: Vec<usize> = (0..SHAPES.len()).collect();
    sample::each("shapes", &numbers, |number| {
        let output = Command::new(&this)
            .args(["--exact", "measured", "--ignored", "--nocapture"])
            .env(SHAPE, number.to_string())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        print!("{said}");
        let sizes = said.lines().filter(|line| line.ends_with(" KiB")).count();
        if !output.status.success() || sizes != 2 {
            faults.lock().unwrap().push(said.into_owned());
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
