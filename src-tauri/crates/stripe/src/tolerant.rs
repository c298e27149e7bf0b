//! Reading what Stripe sends without breaking on what is new: unknown fields are skipped, unknown words of an
//! enumeration survive, and an expandable field may be an id or a whole object.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A field that holds an id, or the object itself when it was asked for with `expand[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expandable<T> {
    /// The id alone.
    Id(String),
    /// The object.
    Object(Box<T>),
}

/// What can be told apart by an id of its own.
pub trait Identified {
    /// Stripe's id.
    fn id(&self) -> &str;
}

impl<T: Identified> Expandable<T> {
    /// The id, either way.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => object.id(),
        }
    }
}

impl<T> Expandable<T> {
    /// The object, if it was expanded.
    pub fn object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Expandable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Id(String),
            Object(Box<T>),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Id(id) => Self::Id(id),
            Either::Object(object) => Self::Object(object),
        })
    }
}

/// A page of a list, read into views.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct List<T> {
    /// Newest first.
    pub data: Vec<T>,
    /// Whether there is another page. May be false on a full page.
    #[serde(default)]
    pub has_more: bool,
}

/// A page of a list with each object as Stripe wrote it; borrows from the reply.
#[derive(Debug, Deserialize)]
pub struct RawList<'a> {
    /// Newest first.
    #[serde(borrow)]
    pub data: Vec<&'a RawValue>,
    /// Whether there is another page. May be false on a full page.
    #[serde(default)]
    pub has_more: bool,
}

/// An enumeration that keeps words it does not know: `open_enum! { /// doc pub enum Status { Paid = "paid" } }`.
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
            /// A word this version does not know, as Stripe wrote it.
            Other(String),
        }

        impl $name {
            /// Stripe's word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text.to_owned()),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Ok(Self::from(text.as_ref()))
            }
        }
    };
}
pub(crate) use open_enum;

/// Implements [`Identified`] for views with an `id` field.
macro_rules! identified {
    ($($view:ty),+ $(,)?) => {
        $(impl $crate::tolerant::Identified for $view {
            fn id(&self) -> &str {
                &self.id
            }
        })+
    };
}
pub(crate) use identified;

/// A null where a value with a default is expected: Stripe writes `"metadata": null` for some old objects.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
