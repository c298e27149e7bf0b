//! The calls that differ from resource to resource in their words alone. Each is for the `PATH` of the file that it
//! stands in.

/// `listed!(ListParams)`: a page of the list.
macro_rules! listed {
    ($params:ident) => {
        impl $params {
            /// The page.
            pub fn query(&self) -> $crate::Query {
                $crate::resources::common::list(PATH, self)
            }
        }
    };
}
pub(crate) use listed;

/// `acts!(Confirm, "confirm")`: a POST to one object's `/confirm`, with the struct's fields.
macro_rules! acts {
    ($params:ident, $action:literal) => {
        impl $params {
            #[doc = concat!("`", $action, "` for one object.")]
            pub fn prepare(&self, id: &str, key: &str) -> Result<$crate::Prepared, $crate::Unsendable> {
                $crate::resources::common::act(PATH, id, $action, self, key)
            }
        }
    };
}
pub(crate) use acts;

/// `updates!(Update, Standard::OTHER)`: a POST to one object, once its metadata was checked.
macro_rules! updates {
    ($params:ident, $standard:expr) => {
        impl $params {
            /// For one object; checks the metadata.
            pub fn prepare(&self, id: &str, key: &str) -> Result<$crate::Prepared, $crate::Unsendable> {
                $crate::resources::common::update(PATH, id, self, &self.metadata, $standard, key)
            }
        }
    };
}
pub(crate) use updates;
