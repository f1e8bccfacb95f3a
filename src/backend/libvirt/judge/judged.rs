//! A network whose parts were judged one by one, for what must go together.

use std::ops::Range;

use super::forward::Forward;
use super::page::Node;
use super::subnet::Net;

/// A network whose parts are judged one by one.
pub(super) struct Judged<'p> {
    pub(super) root: Node<'p>,
    pub(super) forward: Forward<'p>,
    /// Those of its subnets that can be read.
    pub(super) nets: Vec<Net<'p>>,
}

/// Returns where a device is named.
pub(super) fn named(node: &Node<'_>) -> Range<usize> {
    node.prop("dev").map_or(node.tag(), |dev| dev.span)
}
