//! Rules about what the files mean: the host as the model has it, its links, and who reads the files.
//!
//! They see no text and name no format: their places are those that the model keeps, so that each holds for every format.

pub(in crate::lint) mod address_twice;
pub(in crate::lint) mod boot_network;
pub(in crate::lint) mod brctl_missing;
pub(in crate::lint) mod bridge_filter;
pub(in crate::lint) mod bridge_filter_on;
pub(in crate::lint) mod bridge_not_started;
pub(in crate::lint) mod bridge_unmanaged;
pub(in crate::lint) mod bridge_without_port;
pub(in crate::lint) mod companion_of_port;
pub(in crate::lint) mod dark_at_boot;
pub(in crate::lint) mod device;
pub(in crate::lint) mod gateway_outside;
pub(in crate::lint) mod gateway_unused;
pub(in crate::lint) mod gatewaydev_port;
pub(in crate::lint) mod guest_bridge_missing;
pub(in crate::lint) mod interface_twice;
pub(in crate::lint) mod libvirt_device_alone;
pub(in crate::lint) mod libvirt_device_port;
pub(in crate::lint) mod libvirt_device_unknown;
pub(in crate::lint) mod network_bridge_missing;
pub(in crate::lint) mod network_bridge_taken;
pub(in crate::lint) mod nm_controlled_differs;
pub(in crate::lint) mod not_a_bridge;
pub(in crate::lint) mod onboot_differs;
pub(in crate::lint) mod overlap;
pub(in crate::lint) mod port_addresses;
pub(in crate::lint) mod port_bridge_missing;
pub(in crate::lint) mod port_of_two;
pub(in crate::lint) mod port_zone;
pub(in crate::lint) mod route_overlap;
pub(in crate::lint) mod subnet_overlap;
pub(in crate::lint) mod switches;
pub(in crate::lint) mod virtualport_linux;
pub(in crate::lint) mod virtualport_missing;
pub(in crate::lint) mod vlan_libvirt_version;
pub(in crate::lint) mod vlan_linux_bridge;

mod filtered;
mod near;
mod vlans;
