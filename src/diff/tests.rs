use super::*;
use crate::change::Labels;
use crate::tree::{Attrs, File};

fn path(text: &str) -> HostPath {
    HostPath::parse(text).unwrap()
}

fn file(content: impl AsRef<[u8]>, mode: u32) -> Option<Node> {
    let attrs = Attrs {
        mode,
        uid: 0,
        gid: 0,
    };
    Some(Node::File(File {
        bytes: content.as_ref().to_vec(),
        attrs,
    }))
}

fn link(target: &str) -> Option<Node> {
    Some(Node::Link(target.to_owned()))
}

fn set(changes: &[(&str, Option<Node>, Option<Node>)]) -> ChangeSet {
    let mut set = ChangeSet::default();
    for (at, before, after) in changes.iter().cloned() {
        set.put(Change {
            path: path(at),
            before,
            after,
            labels: Labels::Like(path(at)),
        });
    }
    set
}

#[track_caller]
fn check(set: &ChangeSet, expected: &str) {
    assert_eq!(String::from_utf8_lossy(&patch(set)), expected);
}

#[test]
fn shows_a_bridge_as_look_md_sketches_it() {
    let port = "TYPE=Ethernet\nDEVICE=ens33\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=192.168.50.20\nPREFIX=24\n# keep\n";
    let slave = "TYPE=Ethernet\nDEVICE=ens33\nONBOOT=yes\nBRIDGE=br0\n# keep\n";
    let mut set = set(&[
        (
            "/etc/ifcfg-br0",
            None,
            file("TYPE=Bridge\nDEVICE=br0\n", 0o644),
        ),
        ("/etc/ifcfg-ens33", file(port, 0o644), file(slave, 0o644)),
        (
            "/etc/route-br0",
            None,
            file("10.0.0.0/8 via 192.168.50.1\n", 0o644),
        ),
        (
            "/etc/route-ens33",
            file("10.0.0.0/8 via 192.168.50.1\n", 0o644),
            None,
        ),
    ]);
    set.note_rename(path("/etc/route-ens33"), path("/etc/route-br0"));
    check(
        &set,
        "\
diff --git a/etc/ifcfg-br0 b/etc/ifcfg-br0
new file mode 100644
--- /dev/null
+++ b/etc/ifcfg-br0
@@ -0,0 +1,2 @@
+TYPE=Bridge
+DEVICE=br0
diff --git a/etc/ifcfg-ens33 b/etc/ifcfg-ens33
--- a/etc/ifcfg-ens33
+++ b/etc/ifcfg-ens33
@@ -1,7 +1,5 @@
 TYPE=Ethernet
 DEVICE=ens33
 ONBOOT=yes
-BOOTPROTO=none
-IPADDR=192.168.50.20
-PREFIX=24
+BRIDGE=br0
 # keep
diff --git a/etc/route-ens33 b/etc/route-br0
similarity index 100%
rename from etc/route-ens33
rename to etc/route-br0
",
    );
}

#[test]
fn shows_a_rename_with_edits_and_mode() {
    let old = "ADDRESS0=10.0.0.0\nGATEWAY0=10.0.0.1\nold\n";
    let new = "ADDRESS0=10.0.0.0\nGATEWAY0=10.0.0.1\nnew\n";
    let mut set = set(&[
        ("/etc/a", file(old, 0o644), None),
        ("/etc/b c", None, file(new, 0o755)),
    ]);
    set.note_rename(path("/etc/a"), path("/etc/b c"));
    let expected = "\
diff --git a/etc/a b/etc/b c
old mode 100644
new mode 100755
similarity index 90%
rename from etc/a
rename to etc/b c
--- a/etc/a
+++ b/etc/b c\t
@@ -1,3 +1,3 @@
 ADDRESS0=10.0.0.0
 GATEWAY0=10.0.0.1
-old
+new
";
    check(&set, expected);
    let alone = patch_of(set.get(&path("/etc/a")).unwrap());
    assert!(
        String::from_utf8(alone)
            .unwrap()
            .contains("deleted file mode 100644")
    );
    let alone = patch_of(set.get(&path("/etc/b c")).unwrap());
    assert!(
        String::from_utf8(alone)
            .unwrap()
            .contains("new file mode 100755")
    );
}

#[test]
fn shows_one_file_renamed_to_two_names_as_a_rename_and_a_new_file() {
    let mut set = set(&[
        ("/a", file("x\n", 0o644), None),
        ("/b", None, file("x\n", 0o644)),
        ("/c", None, file("x\n", 0o644)),
    ]);
    set.note_rename(path("/a"), path("/b"));
    set.note_rename(path("/a"), path("/c"));
    let expected = "\
diff --git a/a b/b
similarity index 100%
rename from a
rename to b
diff --git a/c b/c
new file mode 100644
--- /dev/null
+++ b/c
@@ -0,0 +1 @@
+x
";
    check(&set, expected);
}

#[test]
fn shows_links_as_files_without_a_newline() {
    let set = set(&[
        ("/a", None, link("../x.xml")),
        ("/b", link("one"), link("two")),
        ("/c", file("", 0o600), link("x")),
        ("/d", link("x"), None),
    ]);
    let expected = r"diff --git a/a b/a
new file mode 120000
--- /dev/null
+++ b/a
@@ -0,0 +1 @@
+../x.xml
\ No newline at end of file
diff --git a/b b/b
--- a/b
+++ b/b
@@ -1 +1 @@
-one
\ No newline at end of file
+two
\ No newline at end of file
diff --git a/c b/c
deleted file mode 100644
diff --git a/c b/c
new file mode 120000
--- /dev/null
+++ b/c
@@ -0,0 +1 @@
+x
\ No newline at end of file
diff --git a/d b/d
deleted file mode 120000
--- a/d
+++ /dev/null
@@ -1 +0,0 @@
-x
\ No newline at end of file
";
    check(&set, expected);
}

#[test]
fn shows_modes_as_far_as_git_knows_them() {
    let set = set(&[
        ("/a", file("x\n", 0o644), file("x\n", 0o755)),
        ("/b", file("x\n", 0o644), file("x\n", 0o600)),
        ("/c", None, file("", 0o4711)),
    ]);
    let expected = "\
diff --git a/a b/a
old mode 100644
new mode 100755
diff --git a/c b/c
new file mode 100755
";
    check(&set, expected);
}

#[test]
fn ends_lines_at_newlines_only_and_keeps_bytes() {
    let set = set(&[(
        "/é",
        file(b"one\r\ntwo\rtwo\r\n\xff", 0o644),
        file(b"one\r\ntwo\r2\r\n\xff\n", 0o644),
    )]);
    let expected = b"diff --git \"a/\\303\\251\" \"b/\\303\\251\"
--- \"a/\\303\\251\"
+++ \"b/\\303\\251\"
@@ -1,3 +1,3 @@
 one\r
-two\rtwo\r
-\xff
\\ No newline at end of file
+two\r2\r
+\xff
";
    assert_eq!(patch(&set), expected);
}

#[test]
fn splits_distant_changes_into_hunks() {
    let old: String = (1..=20).map(|number| format!("{number}\n")).collect();
    let new = old.replace("\n4\n", "\nfour\n").replace("\n17\n", "\n");
    let set = set(&[("/a", file(old, 0o644), file(new, 0o644))]);
    let lines = lines(&set);
    let heads: Vec<_> = lines
        .iter()
        .filter(|line| line.kind == Kind::Hunk)
        .map(|line| &line.pieces[0].text[..])
        .collect();
    assert_eq!(heads, [&b"@@ -1,7 +1,7 @@\n"[..], b"@@ -14,7 +14,6 @@\n"]);
}

/// Returns the removed and added lines, emphasised words in brackets.
fn marked(old: &str, new: &str) -> String {
    let set = set(&[("/a", file(old, 0o644), file(new, 0o644))]);
    let lines = lines(&set);
    let changed = lines
        .iter()
        .filter(|line| matches!(line.kind, Kind::Removed | Kind::Added));
    let pieces = changed.flat_map(|line| &line.pieces).map(|piece| {
        let text = String::from_utf8_lossy(&piece.text);
        if piece.emphasised {
            format!("[{text}]")
        } else {
            text.into_owned()
        }
    });
    pieces.collect()
}

#[test]
fn emphasises_the_words_that_changed() {
    let table = [
        ("STP=yes\n", "STP=no\n", "-STP=[yes]\n+STP=[no]\n"),
        (
            "IP=10.0.0.20 # é\r\n",
            "IP=10.0.0.21 # è\n",
            "-IP=10.0.0.[20] # [é]\r\n+IP=10.0.0.[21] # [è]\n",
        ),
        (
            "<forward mode='nat'/>",
            "<forward mode='open'/>\n",
            "-<forward mode='[nat]'/>\n+<forward mode='[open]'/>\n",
        ),
        (
            "BOOTPROTO=dhcp\n",
            "BRIDGE=br0\n",
            "-BOOTPROTO=dhcp\n+BRIDGE=br0\n",
        ),
        ("same", "same\n", "-same\n+same\n"),
        ("\n", "x\n", "-\n+x\n"),
        // The second line is the one that is alike.
        (
            "MTU=1500\n",
            "NAME=br0\nMTU=9000\n",
            "-MTU=[1500]\n+NAME=br0\n+MTU=[9000]\n",
        ),
    ];
    for (old, new, expected) in table {
        assert_eq!(marked(old, new), expected, "{old:?}");
    }
}
