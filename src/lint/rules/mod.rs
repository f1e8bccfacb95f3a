//! The registry: every rule once, sorted by name.

mod address_twice;
mod alias_device;
mod alias_orphan;
mod autostart_copy;
mod autostart_dangling;
mod autostart_ignored;
mod bad_address;
mod bootproto;
mod brctl_missing;
mod bridge_helper;
mod bridge_hwaddr;
mod bridge_type;
mod bridge_type_commented;
mod bridge_without_port;
mod byte_order_mark;
mod companion_of_port;
mod crlf;
mod dark_at_boot;
mod device_missing;
mod dhcp_host_outside;
mod dhcp_host_twice;
mod dhcp_range;
mod dhcp_range_gateway;
mod duplicate_key;
mod gateway_index;
mod gateway_outside;
mod gateway_unused;
mod gatewaydev_port;
mod guest_bridge_missing;
mod guest_mac_missing;
mod guest_mac_twice;
mod guest_name_twice;
mod guest_network_missing;
mod guest_network_not_started;
mod guest_portgroup_missing;
mod guest_refused;
mod guest_uuid_missing;
mod guest_uuid_twice;
mod hwaddr_twice;
mod ifcfg_syntax;
mod interface_name;
mod interface_twice;
mod key_case;
mod keyfile_delay;
mod keyfile_permissions;
mod keyfile_port;
mod keyfile_refused;
mod keyfile_stray;
mod libvirt_device_alone;
mod libvirt_device_port;
mod libvirt_device_unknown;
mod network_bridge_missing;
mod network_bridge_name;
mod network_bridge_taken;
mod network_bridge_twice;
mod network_file_name;
mod network_gateway_address;
mod network_ignored_settings;
mod network_mac_missing;
mod network_mac_twice;
mod network_refused;
mod network_uuid_missing;
mod network_uuid_twice;
mod nm_controlled_differs;
mod not_understood;
mod numbering_hole;
mod onboot_differs;
mod onboot_off;
mod ovs_dhcp;
mod ovs_port_addresses;
mod ovs_scripts_missing;
mod ovs_spelling;
mod port_addresses;
mod port_bridge_missing;
mod port_of_two;
mod port_zone;
mod prefix_netmask;
mod profile_uuid;
mod profile_uuid_twice;
mod read_differently;
mod route_formats;
mod route_orphan;
mod route_overlap;
mod rule_hides_routes;
mod shell_code;
mod stp_delay;
mod stp_dhcp;
mod stray_backup;
mod subnet_overlap;
mod type_unknown;
mod world_writable;

use super::Rule;

/// All rules, sorted by name.
pub static RULES: &[&Rule] = &[
    &address_twice::RULE,
    &alias_device::RULE,
    &alias_orphan::RULE,
    &autostart_copy::RULE,
    &autostart_dangling::RULE,
    &autostart_ignored::RULE,
    &bad_address::RULE,
    &bootproto::RULE,
    &brctl_missing::RULE,
    &bridge_helper::RULE,
    &bridge_hwaddr::RULE,
    &bridge_type::RULE,
    &bridge_type_commented::RULE,
    &bridge_without_port::RULE,
    &byte_order_mark::RULE,
    &companion_of_port::RULE,
    &crlf::RULE,
    &dark_at_boot::RULE,
    &device_missing::RULE,
    &dhcp_host_outside::RULE,
    &dhcp_host_twice::RULE,
    &dhcp_range::RULE,
    &dhcp_range_gateway::RULE,
    &duplicate_key::RULE,
    &gateway_index::RULE,
    &gateway_outside::RULE,
    &gateway_unused::RULE,
    &gatewaydev_port::RULE,
    &guest_bridge_missing::RULE,
    &guest_mac_missing::RULE,
    &guest_mac_twice::RULE,
    &guest_name_twice::RULE,
    &guest_network_missing::RULE,
    &guest_network_not_started::RULE,
    &guest_portgroup_missing::RULE,
    &guest_refused::RULE,
    &guest_uuid_missing::RULE,
    &guest_uuid_twice::RULE,
    &hwaddr_twice::RULE,
    &ifcfg_syntax::RULE,
    &interface_name::RULE,
    &interface_twice::RULE,
    &key_case::RULE,
    &keyfile_delay::RULE,
    &keyfile_permissions::RULE,
    &keyfile_port::RULE,
    &keyfile_refused::RULE,
    &keyfile_stray::RULE,
    &libvirt_device_alone::RULE,
    &libvirt_device_port::RULE,
    &libvirt_device_unknown::RULE,
    &network_bridge_missing::RULE,
    &network_bridge_name::RULE,
    &network_bridge_taken::RULE,
    &network_bridge_twice::RULE,
    &network_file_name::RULE,
    &network_gateway_address::RULE,
    &network_ignored_settings::RULE,
    &network_mac_missing::RULE,
    &network_mac_twice::RULE,
    &network_refused::RULE,
    &network_uuid_missing::RULE,
    &network_uuid_twice::RULE,
    &nm_controlled_differs::RULE,
    &not_understood::RULE,
    &numbering_hole::RULE,
    &onboot_differs::RULE,
    &onboot_off::RULE,
    &ovs_dhcp::RULE,
    &ovs_port_addresses::RULE,
    &ovs_scripts_missing::RULE,
    &ovs_spelling::RULE,
    &port_addresses::RULE,
    &port_bridge_missing::RULE,
    &port_of_two::RULE,
    &port_zone::RULE,
    &prefix_netmask::RULE,
    &profile_uuid::RULE,
    &profile_uuid_twice::RULE,
    &read_differently::RULE,
    &route_formats::RULE,
    &route_orphan::RULE,
    &route_overlap::RULE,
    &rule_hides_routes::RULE,
    &shell_code::RULE,
    &stp_delay::RULE,
    &stp_dhcp::RULE,
    &stray_backup::RULE,
    &subnet_overlap::RULE,
    &type_unknown::RULE,
    &world_writable::RULE,
];
