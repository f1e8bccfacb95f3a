//! Rules about networks and guests as libvirt loads and starts them.

pub(in crate::lint) mod autostart;
pub(in crate::lint) mod autostart_copy;
pub(in crate::lint) mod autostart_dangling;
pub(in crate::lint) mod autostart_ignored;
pub(in crate::lint) mod dhcp_host_outside;
pub(in crate::lint) mod dhcp_host_twice;
pub(in crate::lint) mod dhcp_range;
pub(in crate::lint) mod dhcp_range_gateway;
pub(in crate::lint) mod guest_mac_missing;
pub(in crate::lint) mod guest_mac_twice;
pub(in crate::lint) mod guest_name_twice;
pub(in crate::lint) mod guest_network_missing;
pub(in crate::lint) mod guest_network_not_started;
pub(in crate::lint) mod guest_portgroup_missing;
pub(in crate::lint) mod guest_uuid_missing;
pub(in crate::lint) mod guest_uuid_twice;
pub(in crate::lint) mod network_bridge_name;
pub(in crate::lint) mod network_bridge_twice;
pub(in crate::lint) mod network_file_name;
pub(in crate::lint) mod network_gateway_address;
pub(in crate::lint) mod network_mac_missing;
pub(in crate::lint) mod network_mac_twice;
pub(in crate::lint) mod network_uuid_missing;
pub(in crate::lint) mod network_uuid_twice;
pub(in crate::lint) mod strays;
pub(in crate::lint) mod twins;
