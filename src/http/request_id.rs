//! What a request is called: on its error page, in its problem, in a header of its answer, and in the log.

/// Cloudflare's own id, where the header holds one: it is also in Cloudflare's logs, and on its error pages. What is anything
/// else was made up by a caller, and is not repeated. <https://developers.cloudflare.com/fundamentals/reference/cloudflare-ray-id/>
pub(super) fn of_cloudflare(ray: Option<String>) -> Option<String> {
    ray.filter(|ray| {
        matches!(ray.len(), 16 | 20)
            && ray.bytes().enumerate().all(|(index, byte)| match index {
                0..16 => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                16 => byte == b'-',
                _ => byte.is_ascii_uppercase(),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_id_is_taken_and_nothing_else() {
        for ray in ["230b030023ae2822", "230b030023ae2822-SJC"] {
            assert_eq!(of_cloudflare(Some(ray.to_owned())).as_deref(), Some(ray));
        }
        let long = "a".repeat(1_000);
        for made_up in
            ["", "1", "230B030023AE2822", "230b030023ae2822-", "230b030023ae2822-sjc", "230b030023ae2822-S\"C", &long]
        {
            assert_eq!(of_cloudflare(Some(made_up.to_owned())), None, "{made_up}");
        }
        assert_eq!(of_cloudflare(None), None);
    }
}
