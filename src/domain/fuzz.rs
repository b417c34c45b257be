//! Random input for every parser of what strangers send: they neither panic nor let through what they should not.
//! `cargo xtask test --fuzz` tries a million of each.

use crate::domain::access::{SignedLink, is_same_origin, tokens};
use crate::domain::click::preview::is_click;
use crate::domain::click::{Click, Defaults, InvalidClick};
use page_url::{HostRules, PageUrl};
use proptest::prelude::*;
use std::net::Ipv4Addr;

/// Text as it comes in a request target: much of it means something.
fn target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z0-9.:/?#&=@%+\\[\\]\\\\ -]{0,12}",
        1 => "\\PC{0,6}",
        1 => "%[0-9a-fA-F]{2}",
        2 => proptest::sample::select(vec![
            "http://", "https://", "https:/", "HTTPS%3A%2F%2F", "javascript:", "url=", "&mode=", "&keep_alive=", "%00", "//",
            "localhost", "127.0.0.1", "0x7f.1", "[::1]", "user:pw@", "example.com", "&readonly", "\t", "\n",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// What holds of everything that may be opened.
fn is_sound(click: &Result<Click, InvalidClick>) -> bool {
    click.as_ref().is_ok_and(|click| {
        let url = url::Url::parse(click.url.as_str()).expect("what was accepted is a URL");
        assert_eq!(url.as_str(), click.url.as_str(), "what was checked is what is opened");
        assert!(matches!(url.scheme(), "http" | "https"));
        assert!(url.username().is_empty() && url.password().is_none());
        assert_eq!(url.host_str(), Some(click.url.host()));
        (10..=1_200).contains(&click.options.keep_alive_seconds)
    }) || click.is_err()
}

/// An IPv4 address in one of the ways that browsers understand.
fn spelled(address: Ipv4Addr, spelling: u8) -> String {
    let [a, b, c, d] = address.octets();
    let number = u32::from(address);
    match spelling % 7 {
        0 => address.to_string(),
        1 => number.to_string(),
        2 => format!("0x{number:x}"),
        3 => format!("{a}.{}", number & 0x00ff_ffff),
        4 => format!("0{a:o}.0x{b:X}.{c}.{d}"),
        5 => format!("[::ffff:{address}]"),
        _ => format!("{a}.{b}.{}.", u16::from_be_bytes([c, d])),
    }
}

proptest! {
    #[test]
    fn whatever_is_clicked_is_a_sound_url_or_an_error(text in target()) {
        prop_assert!(is_sound(&Click::from_query(&text, Defaults::for_tests())));
        prop_assert!(Click::from_path(&text, Defaults::for_tests()).is_none_or(|click| is_sound(&click)));
        prop_assert!(is_sound(&Click::from_json(&text, Defaults::for_tests())));
    }

    #[test]
    fn no_spelling_of_a_private_address_is_let_through(
        address in prop_oneof![
            any::<[u8; 3]>().prop_map(|[b, c, d]| Ipv4Addr::new(127, b, c, d)),
            any::<[u8; 3]>().prop_map(|[b, c, d]| Ipv4Addr::new(10, b, c, d)),
            any::<[u8; 2]>().prop_map(|[c, d]| Ipv4Addr::new(192, 168, c, d)),
            any::<[u8; 2]>().prop_map(|[c, d]| Ipv4Addr::new(169, 254, c, d)),
        ],
        spelling: u8,
    ) {
        let host = spelled(address, spelling);
        if let Ok(url) = PageUrl::parse(&format!("http://{host}/")) {
            prop_assert!(HostRules::default().check(url.host()).is_err(), "{host}");
        }
    }

    #[test]
    fn no_header_makes_a_parser_panic_or_opens_a_door(header in "\\PC{0,80}|(?i)(basic|bearer) [a-z0-9+/=:._-]{0,60}") {
        let tokens = tokens::parse(&["ada:ada-token-0123456789"]).expect("a valid list");
        prop_assert_eq!(tokens::identify(&tokens, &header), None);
        prop_assert!(SignedLink::verify(&header, &[], 0).is_err());
        let header = |_: &str| Some(header.clone());
        prop_assert!(!is_same_origin("https://us.example", header));
        prop_assert!(!is_click("GET", true, header), "sec-fetch-mode is not `navigate`");
    }
}
