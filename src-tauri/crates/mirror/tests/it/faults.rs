//! Rounds of misfortune from a seed: answers that fail, break off or never come, and the program killed at any moment.
//! Each round ends with mirror = Stripe, object for object. 20 rounds, or as many as `TILLBOOK_FAULT_ROUNDS` says.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::fake::{Fake, NOW, customer, payment, refused};
use crate::house::{House, open};

const DAY: i64 = 86_400;

/// A small generator: a round is repeated by its seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

fn grow(fake: &Fake, chance: &mut Chance, changes: u64) {
    let mut world = fake.world();
    world.now += 1 + i64::try_from(chance.below(900)).unwrap();
    let at = world.now;
    for _ in 0..changes {
        let number = i64::try_from(chance.below(300)).unwrap();
        match chance.below(5) {
            0 => {
                let object = payment(number, NOW - 40 * DAY + number * 9000, "succeeded");
                world.put("payment_intents", object.clone());
                world.event("payment_intent.succeeded", at, object);
            }
            1 => {
                let id = format!("cus_{number}");
                let gone = world
                    .lists
                    .get("customers")
                    .and_then(|all| all.iter().find(|one| one["id"] == id.as_str()).cloned());
                if let Some(gone) = gone {
                    world.remove("customers", &id);
                    world.event("customer.deleted", at, gone);
                }
            }
            _ => {
                let name = format!("Name {}", chance.below(1000));
                // A deleted customer never comes back: ids are not used twice.
                let fresh = i64::try_from(chance.below(1 << 40)).unwrap() + 1000;
                let known = world
                    .lists
                    .get("customers")
                    .and_then(|all| all.get(usize::try_from(number).unwrap()).cloned());
                let object = match known {
                    Some(mut known) => {
                        known["name"] = json!(name);
                        known
                    }
                    None => customer(&format!("cus_{fresh}"), at, &name),
                };
                let kind =
                    if object["created"] == json!(at) { "customer.created" } else { "customer.updated" };
                world.put("customers", object.clone());
                world.event(kind, at, object);
            }
        }
    }
}

fn misfortune(fake: &Fake, seed: u64) {
    let mut chance = Chance(seed);
    fake.world().ways.push(Box::new(move |_, _| match chance.below(12) {
        0 => Some(refused(500, "oops")),
        1 => Some(refused(429, "slow down")),
        2 => Some((200, "{\"object\": \"list\", \"data\": [{\"id\": \"cu".to_owned())),
        3 => Some((200, "{\"object\": \"list\", \"data\": [{}".to_owned())),
        _ => None,
    }));
}

/// What the killed process does; run by the other test alone.
#[tokio::test]
#[ignore = "the victim of the test below"]
async fn victim() {
    let (Ok(base), Ok(folder)) = (std::env::var("FAULT_BASE"), std::env::var("FAULT_FOLDER")) else { return };
    let store = open(std::path::Path::new(&folder));
    let house = House::around(store, &base, TempDir::new().unwrap());
    let _ = house.try_sync(tillbook_mirror::SyncOptions::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_round_ends_equal() {
    let rounds: u64 = std::env::var("TILLBOOK_FAULT_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let first: u64 = std::env::var("TILLBOOK_FAULT_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    for seed in first..first + rounds {
        let mut chance = Chance(seed);
        let fake = Fake::new();
        for number in 0..chance.below(400) {
            let number = i64::try_from(number).unwrap();
            fake.world()
                .put("customers", customer(&format!("cus_{number}"), NOW - 100 * DAY + number * 60, "Ada"));
        }
        let dir = TempDir::new().unwrap();
        let base = fake.serve().await;
        for _ in 0..chance.below(4) {
            let more = chance.below(150);
            grow(&fake, &mut chance, more);
            misfortune(&fake, seed);
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "faults::victim", "--ignored", "--quiet"])
                .env("FAULT_BASE", &base)
                .env("FAULT_FOLDER", dir.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            tokio::time::sleep(Duration::from_millis(20 + chance.below(80))).await;
            child.kill().unwrap();
            child.wait().unwrap();
            fake.world().ways.clear();
            let more = chance.below(20);
            grow(&fake, &mut chance, more);
        }
        let house = House::around(open(dir.path()), &base, dir);
        house.sync().await;
        // News has time to surface, and the windows are looked through once more.
        fake.world().now += 1800;
        house.sync().await;
        println!("seed {seed}");
        house.assert_equals(&fake);
        assert_eq!(house.number("SELECT count(*) FROM difference"), 0, "news told of everything");
        assert_eq!(house.number("SELECT count(*) FROM suspect"), 0);
    }
}
