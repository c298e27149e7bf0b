//! Where requests go: Stripe itself, or a Stripe on this machine.

use std::fmt;

use reqwest::Url;

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL.
    #[error("the address of Stripe is not a URL")]
    NotAUrl,
    /// Anything that is neither Stripe nor this machine.
    #[error("requests may go to https://api.stripe.com or to this machine (http://127.0.0.1:PORT) only")]
    Elsewhere,
    /// A user, path, query or fragment in it.
    #[error("the address of Stripe must be a scheme, a host and a port, with nothing after it")]
    Extra,
}

/// Where requests go. There is no third place.
#[derive(Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `https://api.stripe.com`.
    Stripe,
    /// A Stripe on this machine; holds the origin, such as `http://127.0.0.1:12111`.
    Loopback(String),
}

impl Endpoint {
    /// Accepts `https://api.stripe.com` and `http://` to `127.0.0.1`, `localhost` or `[::1]`.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAUrl)?;
        let bare = url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        match (url.scheme(), url.host_str()) {
            ("https", Some("api.stripe.com")) if url.port().is_none() && bare => Ok(Self::Stripe),
            ("http", Some("127.0.0.1" | "localhost" | "[::1]")) if bare => {
                Ok(Self::Loopback(url.as_str().trim_end_matches('/').to_owned()))
            }
            ("https", Some("api.stripe.com")) if url.port().is_none() => Err(EndpointError::Extra),
            ("http", Some("127.0.0.1" | "localhost" | "[::1]")) => Err(EndpointError::Extra),
            _ => Err(EndpointError::Elsewhere),
        }
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        matches!(self, Self::Loopback(_))
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn origin(&self) -> &str {
        match self {
            Self::Stripe => "https://api.stripe.com",
            Self::Loopback(origin) => origin,
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripe_and_this_machine() {
        assert_eq!(Endpoint::parse("https://api.stripe.com").unwrap(), Endpoint::Stripe);
        assert_eq!(Endpoint::parse("https://api.stripe.com:443/").unwrap(), Endpoint::Stripe);
        for (text, origin) in [
            ("http://127.0.0.1:12111/", "http://127.0.0.1:12111"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:9", "http://[::1]:9"),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().origin(), origin);
        }
    }

    #[test]
    fn anywhere_else_is_refused() {
        for text in [
            "http://api.stripe.com",
            "https://api.stripe.com:8443",
            "https://api.stripe.com.evil.example",
            "https://127.0.0.1:1",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.2:80",
            "http://10.0.0.1",
            "http://0.0.0.0:80",
            "file:///etc/passwd",
        ] {
            assert_eq!(Endpoint::parse(text).unwrap_err(), EndpointError::Elsewhere, "{text}");
        }
        for text in [
            "http://localhost:1/v1",
            "http://user@localhost:1",
            "https://api.stripe.com/?x=1",
            "http://[::1]:9/#a",
        ] {
            assert_eq!(Endpoint::parse(text).unwrap_err(), EndpointError::Extra, "{text}");
        }
        assert_eq!(Endpoint::parse("api.stripe.com").unwrap_err(), EndpointError::NotAUrl);
    }
}
