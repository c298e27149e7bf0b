//! A mirror in a folder of its own, beside a Stripe.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tillbook_mirror::{Mirror, MirrorError, Shown, SyncOptions, SyncReport, Windows};
use tillbook_store::{Access, FileKey, FixedClock, Folder, Store, StoreError};
use tillbook_stripe::{ApiKey, Client, ClientOptions, Endpoint, Timing};

use crate::fake::{Fake, NOW};

pub struct House {
    pub mirror: Mirror,
    pub store: Arc<Store>,
    pub client: Client,
    pub clock: Arc<FixedClock>,
    pub dir: TempDir,
}

const KEY: &str = "sk_test_practice_0123456789abcdef0123456789";

/// Nobody waits in a test.
struct NoWaiting;

impl Timing for NoWaiting {
    fn sleep(&self, _: std::time::Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::task::yield_now())
    }

    fn chance_per_mille(&self) -> u32 {
        0
    }
}

pub fn client(base: &str, key: &str) -> Client {
    let options = ClientOptions { timing: Arc::new(NoWaiting), ..ClientOptions::default() };
    Client::new(ApiKey::parse(key).unwrap(), Endpoint::parse(base).unwrap(), options).unwrap()
}

pub fn open(dir: &Path) -> Arc<Store> {
    let folder = Folder::at(dir);
    // Work that was broken off may hold the files for a moment longer.
    for _ in 0..100 {
        let keys = (FileKey::new([1; 32]), FileKey::new([2; 32]));
        match Store::open(&folder, &keys.0, &keys.1, Access::ReadWrite) {
            Err(StoreError::OpenElsewhere { .. }) => std::thread::sleep(std::time::Duration::from_millis(20)),
            store => return Arc::new(store.unwrap()),
        }
    }
    panic!("the store stays open");
}

impl House {
    pub fn beside(base: &str, key: &str) -> House {
        let dir = TempDir::new().unwrap();
        House::of(open(dir.path()), base, key, dir)
    }

    /// Around files that are open already.
    pub fn around(store: Arc<Store>, base: &str, dir: TempDir) -> House {
        House::of(store, base, KEY, dir)
    }

    fn of(store: Arc<Store>, base: &str, key: &str, dir: TempDir) -> House {
        // An hour wrong: nothing may depend on this machine's clock.
        let clock = Arc::new(FixedClock::at_ms((NOW + 3600) * 1000));
        let mirror =
            Mirror::with_pause(Arc::clone(&store), Arc::clone(&clock) as _, std::time::Duration::ZERO);
        House { mirror, store, client: client(base, key), clock, dir }
    }

    pub async fn with(fake: &Fake) -> House {
        House::beside(&fake.serve().await, KEY)
    }

    pub async fn sync(&self) -> SyncReport {
        self.try_sync(SyncOptions { windows: Windows::Now, ..SyncOptions::default() }).await.unwrap()
    }

    pub async fn full(&self) -> SyncReport {
        self.try_sync(SyncOptions { full: true, ..SyncOptions::default() }).await.unwrap()
    }

    pub async fn try_sync(&self, options: SyncOptions) -> Result<SyncReport, MirrorError> {
        self.mirror.sync(&self.client, &options, &|_| {}).await
    }

    /// Closes the files and opens them again, as a new start of the program does.
    pub fn reopen(self) -> House {
        let House { mirror, store, client, clock, dir } = self;
        drop((mirror, store));
        let store = open(dir.path());
        let mirror =
            Mirror::with_pause(Arc::clone(&store), Arc::clone(&clock) as _, std::time::Duration::ZERO);
        House { mirror, store, client, clock, dir }
    }

    pub fn json(&self, id: &str) -> Option<serde_json::Value> {
        match self.mirror.show(id).unwrap()? {
            Shown::Object(text) => Some(serde_json::from_str(&text).unwrap()),
            Shown::Tombstone { .. } => None,
        }
    }

    pub fn is_tombstone(&self, id: &str) -> bool {
        matches!(self.mirror.show(id).unwrap(), Some(Shown::Tombstone { .. }))
    }

    /// Changes a table behind the mirror's back.
    pub fn tamper(&self, sql: &str) {
        self.store.mirror.write(|tx| Ok::<_, tillbook_store::StoreError>(tx.execute_batch(sql)?)).unwrap();
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.store
            .mirror
            .read(|c| Ok::<_, tillbook_store::StoreError>(c.query_row(sql, [], |row| row.get(0))?))
            .unwrap()
    }

    /// Every object of the world is in the mirror value for value, `client_secret` apart, and nothing else is.
    pub fn assert_equals(&self, fake: &Fake) {
        let world = fake.world();
        for (list, objects) in &world.lists {
            for object in objects {
                let id = object["id"].as_str().unwrap();
                let mut wanted = object.clone();
                without_secrets(&mut wanted);
                assert_eq!(self.json(id).as_ref(), Some(&wanted), "{list} {id}");
            }
            let table = list.trim_end_matches('s');
            if !list.contains('/') && list != "events" && list != "invoiceitems" {
                let here = self.number(&format!("SELECT count(*) FROM {table} WHERE deleted = 0"));
                assert_eq!(here, i64::try_from(objects.len()).unwrap(), "{list}");
            }
        }
    }
}

/// Cuts `client_secret` out at every depth, as the mirror should have done.
pub fn without_secrets(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.remove("client_secret");
            members.values_mut().for_each(without_secrets);
        }
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(without_secrets),
        _ => {}
    }
}
