//! The shop, its staff, and signing in.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::json;

use crate::journal::{self, Entry, kind};
use crate::pin;
use crate::set_up::{Colleague, SetUp, checked_name};
use crate::till::locked;
use crate::view::{Reason, Right, Role, Shop, Staff};
use crate::{Clash, Signed, Till, TillError};

/// Somebody's row, with what only this file may see.
struct Kept {
    staff: Staff,
    pin_hash: String,
    wrong_pins: i64,
    slowed_until_ms: i64,
}

impl Till {
    /// The shop as set up; none before.
    pub fn shop(&self) -> Result<Option<Shop>, TillError> {
        self.read(|db| {
            let shop = db
                .prepare_cached("SELECT name, currency, time_zone, locale, till_id FROM shop WHERE id = 1")?
                .query_row([], |row| {
                    Ok(Shop {
                        name: row.get(0)?,
                        currency: row.get(1)?,
                        time_zone: row.get(2)?,
                        locale: row.get(3)?,
                        till_id: row.get(4)?,
                    })
                })
                .optional()?;
            Ok(shop)
        })
    }

    /// Sets the shop up with its first manager, who is signed in by it. Once only.
    pub fn set_up(&self, input: &SetUp) -> Result<Signed, TillError> {
        self.set_up_with(input, &[])
    }

    /// As [`Till::set_up`], with everybody who works here from the start. All of it or nothing: a shop that was set up by
    /// half could not be set up again.
    pub fn set_up_with(&self, input: &SetUp, colleagues: &[Colleague]) -> Result<Signed, TillError> {
        let (name, staff_name, currency) = input.checked()?;
        let pin_hash = pin::hash(&input.pin)?;
        let now_ms = self.now_ms();
        let staff = Staff { id: self.new_id(), name: staff_name, role: Role::Manager };
        let colleagues = colleagues
            .iter()
            .map(|one| self.person(&one.name, one.role, &one.pin))
            .collect::<Result<Vec<_>, _>>()?;
        self.write(|tx| {
            if shop_exists(tx)? {
                return Err(Clash::AlreadySetUp.into());
            }
            tx.execute(
                "INSERT INTO shop (id, name, currency, time_zone, locale, till_id, created_at_ms)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                params![name, currency.code(), input.time_zone, input.locale, self.till_id(), now_ms],
            )?;
            insert_staff(tx, &staff, &pin_hash, now_ms)?;
            let who = Some((staff.id.as_str(), staff.name.as_str()));
            let data = journal::data([
                ("name", json!(name)),
                ("currency", json!(currency.code())),
                ("time_zone", json!(input.time_zone)),
            ]);
            self.append(
                tx,
                Entry { at_ms: now_ms, staff: who, kind: kind::SHOP_SET_UP, data, ..Entry::default() },
            )?;
            self.append(tx, staff_entry(now_ms, who, &staff))?;
            for (colleague, pin_hash) in &colleagues {
                self.take_on(tx, who, colleague, pin_hash, now_ms)?;
            }
            Ok(())
        })?;
        self.anchor_journal();
        Ok(Signed::person(staff))
    }

    /// Takes somebody on.
    pub fn staff_add(&self, by: &Signed, name: &str, role: Role, pin: &str) -> Result<Staff, TillError> {
        let by = self.authorise(by, Right::Administer)?;
        let (staff, pin_hash) = self.person(name, role, pin)?;
        let now_ms = self.now_ms();
        self.write(|tx| self.take_on(tx, by.who(), &staff, &pin_hash, now_ms))?;
        Ok(staff)
    }

    /// Somebody new, checked, with the PIN's hash.
    fn person(&self, name: &str, role: Role, pin: &str) -> Result<(Staff, String), TillError> {
        let name = checked_name("name", name)?;
        pin::check_shape(pin)?;
        Ok((Staff { id: self.new_id(), name, role }, pin::hash(pin)?))
    }

    fn take_on(
        &self,
        tx: &Transaction<'_>,
        by: Option<(&str, &str)>,
        staff: &Staff,
        pin_hash: &str,
        now_ms: i64,
    ) -> Result<(), TillError> {
        if name_is_taken(tx, &staff.name)? {
            return Err(TillError::invalid(
                "name",
                Reason::NameTaken,
                "somebody of that name works here already; add an initial",
            ));
        }
        insert_staff(tx, staff, pin_hash, now_ms)?;
        self.append(tx, staff_entry(now_ms, by, staff))?;
        Ok(())
    }

    /// Who can sign in, by name. Needs nobody signed in: it is the sign-in screen.
    pub fn staff_list(&self) -> Result<Vec<Staff>, TillError> {
        self.read(|db| {
            let mut found =
                db.prepare_cached("SELECT id, name, role FROM staff WHERE active = 1 ORDER BY name, id")?;
            let rows = found.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })?;
            let mut staff = Vec::new();
            for row in rows {
                let (id, name, role) = row?;
                staff.push(Staff { id, name, role: stored_role(&role)? });
            }
            Ok(staff)
        })
    }

    /// Signs somebody in by id or name. One try at a time, so that many at once are not cheaper than one after the
    /// other (the folder's lock keeps other programs out). A wrong PIN is counted once it has been looked at: a program
    /// that is killed while it looks has told nobody anything, and must not lock anybody out.
    pub fn sign_in(&self, staff: &str, pin: &str) -> Result<Signed, TillError> {
        if !self.inner.store.till.is_writable() {
            return self.sign_in_to_read(staff, pin);
        }
        let _one_at_a_time = locked(&self.inner.signing_in);
        let kept = self.may_try(staff)?;
        if !pin::verify(pin, &kept.pin_hash)? {
            let kept = self.count_wrong(staff)?;
            let attempts_left = pin::FREE_TRIES.saturating_sub(kept.wrong_pins);
            if attempts_left > 0 {
                return Err(TillError::PinWrong { attempts_left });
            }
            self.note_slowed(&kept)?;
            return Err(TillError::PinSlowed { retry_after_ms: pin::wait_ms(kept.wrong_pins) });
        }
        let now_ms = self.now_ms();
        self.write(|tx| {
            tx.execute(
                "UPDATE staff SET wrong_pins = 0, slowed_until_ms = 0 WHERE id = ?1",
                [&kept.staff.id],
            )?;
            let who = Some((kept.staff.id.as_str(), kept.staff.name.as_str()));
            self.append(tx, Entry { at_ms: now_ms, staff: who, kind: kind::SIGNED_IN, ..Entry::default() })?;
            Ok(())
        })?;
        self.anchor_journal();
        Ok(Signed::person(kept.staff))
    }

    /// Beside an open window the try cannot be counted here. What was counted there is honoured, and a wrong PIN costs
    /// a second; whoever could try in earnest could read the hash itself.
    fn sign_in_to_read(&self, staff: &str, pin: &str) -> Result<Signed, TillError> {
        let kept = self.may_try(staff)?;
        if !pin::verify(pin, &kept.pin_hash)? {
            std::thread::sleep(std::time::Duration::from_secs(1));
            let attempts_left = pin::FREE_TRIES.saturating_sub(kept.wrong_pins).max(1);
            return Err(TillError::PinWrong { attempts_left });
        }
        Ok(Signed::person(kept.staff))
    }

    /// For the program itself when nobody is signed in: it may read past sales, verify and synchronise, as anybody
    /// may who can open the files. It can move no money.
    #[must_use]
    pub fn unattended(&self) -> Signed {
        Signed::nobody()
    }

    /// Who it is, if their PIN is looked at now.
    fn may_try(&self, staff: &str) -> Result<Kept, TillError> {
        let kept =
            self.read(|db| find_kept(db, staff))?.ok_or(TillError::NotFound { what: "member of staff" })?;
        let left_ms = pin::left_ms(kept.slowed_until_ms, self.now_ms());
        if left_ms > 0 {
            return Err(TillError::PinSlowed { retry_after_ms: left_ms });
        }
        Ok(kept)
    }

    fn count_wrong(&self, staff: &str) -> Result<Kept, TillError> {
        let now_ms = self.now_ms();
        self.write(|tx| {
            let mut kept = find_kept(tx, staff)?.ok_or(TillError::NotFound { what: "member of staff" })?;
            kept.wrong_pins = kept.wrong_pins.saturating_add(1);
            kept.slowed_until_ms = match pin::wait_ms(kept.wrong_pins) {
                0 => 0,
                wait => now_ms.saturating_add(wait),
            };
            tx.execute(
                "UPDATE staff SET wrong_pins = ?2, slowed_until_ms = ?3 WHERE id = ?1",
                params![kept.staff.id, kept.wrong_pins, kept.slowed_until_ms],
            )?;
            Ok(kept)
        })
    }

    fn note_slowed(&self, kept: &Kept) -> Result<(), TillError> {
        self.write(|tx| {
            let who = Some((kept.staff.id.as_str(), kept.staff.name.as_str()));
            let data = journal::data([("wrong_pins", json!(kept.wrong_pins))]);
            let at_ms = self.now_ms();
            self.append(tx, Entry { at_ms, staff: who, kind: kind::PIN_SLOWED, data, ..Entry::default() })?;
            Ok(())
        })
    }
}

/// One of those who work here: by id, else by the name as it is written, else by the name in other letters' case.
fn find_kept(db: &Connection, staff: &str) -> Result<Option<Kept>, TillError> {
    let staff = staff.trim();
    let mut found = db.prepare_cached(
        "SELECT id, name, role, pin_hash, wrong_pins, slowed_until_ms FROM staff WHERE active = 1",
    )?;
    let rows = found.query_map([], |row| {
        Ok((
            row.get::<_, String>(2)?,
            Kept {
                staff: Staff { id: row.get(0)?, name: row.get(1)?, role: Role::Cashier },
                pin_hash: row.get(3)?,
                wrong_pins: row.get(4)?,
                slowed_until_ms: row.get(5)?,
            },
        ))
    })?;
    let mut best: Option<(u8, String, Kept)> = None;
    for row in rows {
        let (role, kept) = row?;
        let Some(likeness) = likeness(&kept.staff, staff) else { continue };
        if best.as_ref().is_none_or(|(liked, ..)| likeness > *liked) {
            best = Some((likeness, role, kept));
        }
    }
    best.map(|(_, role, mut kept)| {
        kept.staff.role = stored_role(&role)?;
        Ok(kept)
    })
    .transpose()
}

/// How well a text says who is meant; none where it does not.
fn likeness(person: &Staff, said: &str) -> Option<u8> {
    match () {
        () if person.id == said => Some(2),
        () if person.name == said => Some(1),
        () if same_name(&person.name, said) => Some(0),
        () => None,
    }
}

/// Whether two names are one to the people who bear them: case is passed over in every script. SQLite's own comparison
/// knows ASCII's only.
pub fn same_name(left: &str, right: &str) -> bool {
    /// Through upper case first: `ß` is `ss`, and both small sigmas are one.
    fn folded(name: &str) -> impl Iterator<Item = char> {
        name.trim().chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
    }
    folded(left).eq(folded(right))
}

/// Those who left count too: their name stands on past sales.
fn name_is_taken(db: &Connection, name: &str) -> Result<bool, TillError> {
    let mut names = db.prepare_cached("SELECT name FROM staff")?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    for known in names {
        if same_name(&known?, name) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn find_staff(db: &Connection, id: &str) -> Result<Option<Staff>, TillError> {
    let found = find_kept(db, id)?;
    Ok(found.map(|kept| kept.staff).filter(|staff| staff.id == id))
}

fn stored_role(role: &str) -> Result<Role, TillError> {
    Role::parse(role).ok_or_else(|| TillError::internal("a role in the store is unknown"))
}

fn shop_exists(db: &Connection) -> Result<bool, TillError> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM shop)", [], |row| row.get(0))?)
}

fn insert_staff(tx: &Connection, staff: &Staff, pin_hash: &str, now_ms: i64) -> Result<(), TillError> {
    tx.execute(
        "INSERT INTO staff (id, name, role, pin_hash, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![staff.id, staff.name, staff.role.as_str(), pin_hash, now_ms],
    )?;
    Ok(())
}

fn staff_entry<'a>(at_ms: i64, by: Option<(&'a str, &'a str)>, staff: &Staff) -> Entry<'a> {
    let data = journal::data([
        ("id", json!(staff.id)),
        ("name", json!(staff.name)),
        ("role", json!(staff.role.as_str())),
    ]);
    Entry { at_ms, staff: by, kind: kind::STAFF_ADDED, data, ..Entry::default() }
}
