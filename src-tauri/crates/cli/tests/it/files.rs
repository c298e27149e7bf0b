//! What may happen to files: somebody else has them, they cannot be written, they are damaged or changed.

use std::fs;

use crate::world::{Ran, Shop, signal};

#[test]
fn a_second_copy_may_read_and_is_told_why_it_may_not_write() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let watching = shop.watching();
    let (key, _) = shop.stripe.price_from(100);
    assert_eq!(shop.sell(&[&key], &["--tender", "cash"]).failed(1), "open_elsewhere");
    for args in [&["status"][..], &["sales"], &["verify"]] {
        shop.run_offline(args).done();
    }
    let out = shop.file("beside.csv");
    let args = [
        "export",
        "--from",
        "2000-01-01",
        "--to",
        "2100-01-01",
        "--as",
        "Ada",
        "--out",
        out.to_str().unwrap(),
    ];
    assert_eq!(shop.run_offline(&args).done()["journaled"], false);
    shop.run_offline(&["verify", "--file", out.to_str().unwrap()]).done();
    signal(&watching, "TERM");
    let ended = watching.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let sum: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert!(sum["objects"].is_u64() && sum["complete_to"].is_string(), "{sum}");
}

#[test]
fn a_damaged_file_is_told_apart_from_a_wrong_key() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let file = shop.data().join("till.db");
    let whole = fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    for byte in damaged.iter_mut().skip(20_000).step_by(7) {
        *byte ^= 0x5a;
    }
    fs::write(&file, &damaged).unwrap();
    let ran = shop.run_offline(&["verify"]);
    assert_eq!(ran.failed(1), "damaged");
    fs::write(&file, &whole).unwrap();
    assert_eq!(shop.run_offline(&["verify"]).done()["intact"], true);

    // Another till's vault: the file is whole, the key is not its own.
    let other = Shop::open();
    let vault = shop.data().join("vault.json");
    let own = fs::read(&vault).unwrap();
    fs::copy(other.data().join("vault.json"), &vault).unwrap();
    assert_eq!(shop.run_offline(&["verify"]).failed(1), "wrong_key");
    fs::write(&vault, own).unwrap();
    shop.run_offline(&["verify"]).done();
}

#[test]
fn keys_that_are_gone_are_told_of_in_one_way_and_never_replaced() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let (key, _) = shop.stripe.price_from(100);
    let vault = shop.data().join("vault.json");
    let own = fs::read(&vault).unwrap();
    let every_way = [
        vec!["status"],
        vec!["sales"],
        vec!["verify"],
        vec!["sync"],
        vec!["resolve"],
        vec!["sell", "--line", key.as_str(), "--tender", "cash"],
    ];
    let told = |args: &[&str]| {
        let ran = shop.run(args);
        assert_eq!(ran.failed(1), "vault_missing", "{args:?}");
        let error = ran.json()["error"].clone();
        let said = error["message"].as_str().unwrap().to_owned();
        for word in ["till.db", "mirror.db", "vault.json"] {
            assert!(said.contains(word), "{said}");
        }
        assert!(error["next_step"].as_str().unwrap().contains("backup"), "{error}");
    };
    fs::remove_file(&vault).unwrap();
    for args in &every_way {
        told(args);
        assert!(!vault.exists(), "{args:?}");
    }
    // A vault that is there and holds nothing is no other case.
    let empty = r#"{"format":1,"kind":"practice","secrets":{}}"#;
    fs::write(&vault, empty).unwrap();
    for args in &every_way {
        told(args);
        assert_eq!(fs::read_to_string(&vault).unwrap(), empty, "{args:?}");
    }
    fs::write(&vault, own).unwrap();
    assert_eq!(shop.run_offline(&["verify"]).done()["intact"], true);
}

/// Only root can mount a disk that is small enough to be filled.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_everything_that_only_reads_goes_on() {
    let disk = tempfile::tempdir().unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=16m", "tmpfs"];
    let mounted = std::process::Command::new("mount").args(mount).arg(disk.path()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: no disk can be mounted here");
        return;
    }
    let _unmounted = Unmounted(disk.path());
    let shop = Shop::open();
    let (key, _) = shop.stripe.price_from(100);
    shop.sell(&[&key], &["--tender", "cash"]).done();
    shop.run(&["sync"]).done();
    let data = disk.path().join("data");
    fs::create_dir(&data).unwrap();
    for entry in fs::read_dir(shop.data()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
    }
    let mut rest = fs::File::create(disk.path().join("rest")).unwrap();
    for size in [65_536, 4096, 1] {
        while std::io::Write::write_all(&mut rest, &vec![0x5a; size]).is_ok() {}
    }
    drop(rest);
    let run = |args: &[&str]| {
        let mut command = crate::world::tillbook(args);
        command.arg("--json").arg("--data").arg(&data).env("TILLBOOK_PIN", crate::world::PIN);
        Ran::of(command)
    };
    assert_eq!(run(&["sales"]).done()["sales"][0]["status"], "paid");
    let product = shop.stripe.all("/v1/products")[0]["id"].as_str().unwrap().to_owned();
    run(&["show", &product]).done();
    run(&["status"]).done();
    assert_eq!(run(&["verify"]).done()["intact"], true);
    let elsewhere = shop.file("all.csv");
    let elsewhere = elsewhere.to_str().unwrap();
    let export = |out: &str| {
        run(&["export", "--from", "2000-01-01", "--to", "2100-01-01", "--as", "Ada", "--out", out])
    };
    assert_eq!(export(elsewhere).done()["journaled"], false);
    // What has to be written says what is the matter, and what to do.
    assert_eq!(export(disk.path().join("all.csv").to_str().unwrap()).failed(1), "cannot_write");
    let sold = run(&["sell", "--line", &key, "--tender", "cash", "--as", "Ada"]);
    assert_eq!(sold.failed(1), "disk_full");
    assert!(sold.json()["error"]["next_step"].as_str().unwrap().contains("100 MB"), "{}", sold.stdout);
    fs::remove_file(disk.path().join("rest")).unwrap();
    run(&["sell", "--line", &key, "--tender", "cash", "--as", "Ada"]).done();
}

#[cfg(target_os = "linux")]
struct Unmounted<'a>(&'a std::path::Path);

#[cfg(target_os = "linux")]
impl Drop for Unmounted<'_> {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_damaged_copy_of_stripes_records_is_put_aside_and_fetched_again() {
    let shop = Shop::open();
    let (key, _) = shop.stripe.price_from(100);
    let sale = shop.sell_by_card(&key);
    shop.run(&["sync"]).done();
    let file = shop.data().join("mirror.db");
    let mut damaged = fs::read(&file).unwrap();
    for byte in damaged.iter_mut().skip(100) {
        *byte ^= 0x5a;
    }
    fs::write(&file, damaged).unwrap();
    assert_eq!(shop.run_offline(&["status"]).failed(1), "mirror_damaged");
    let again = shop.run(&["sync"]);
    assert!(again.done()["objects"].as_u64().unwrap() > 40);
    assert!(again.stderr.contains("mirror.db.damaged-"), "{}", again.stderr);
    let sales = shop.run_offline(&["sales"]).done();
    assert_eq!(
        (&sales["sales"][0]["sale_id"], &sales["sales"][0]["status"]),
        (&sale["sale_id"], &"paid".into())
    );
    assert_eq!(shop.run_offline(&["verify"]).done()["intact"], true);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_keychain_the_passphrase_opens_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = |args: &[&str], passphrase: &str| {
        let mut command = crate::world::tillbook(args);
        command.arg("--json").arg("--data").arg(&data);
        // No session bus, so no keychain, whatever machine this runs on.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus").env("TILLBOOK_PIN", "4711");
        command.env("K", "sk_test_0123456789abcdef").env("TILLBOOK_VAULT_PASSPHRASE", passphrase);
        Ran::of(command)
    };
    let set_up = [
        "setup",
        "--key-env",
        "K",
        "--shop",
        "S",
        "--currency",
        "usd",
        "--time-zone",
        "UTC",
        "--staff",
        "Ada",
    ];
    assert_eq!(run(&set_up, "").failed(1), "no_keychain");
    assert_eq!(run(&set_up, "correct horse").done()["mode"], "test");
    assert_eq!(run(&["verify"], "correct horse").done()["intact"], true);
    assert_eq!(run(&["verify"], "wrong horse").failed(1), "wrong_passphrase");
    assert_eq!(run(&["verify"], "").failed(1), "wrong_passphrase");
    let vault = fs::read_to_string(data.join("vault.json")).unwrap();
    assert!(!vault.contains("sk_test_"));
}

#[test]
fn a_folder_that_cannot_be_written() {
    let shop = Shop::bare();
    fs::write(shop.data(), "a file stands where the folder should be").unwrap();
    assert_eq!(shop.run(&["sync"]).code, Some(1));
    assert_eq!(shop.set_up().code, Some(1));
    fs::remove_file(shop.data()).unwrap();
    // The superuser may write anywhere, so rights alone prove nothing there.
    #[cfg(unix)]
    if !is_superuser() {
        use std::os::unix::fs::PermissionsExt;
        shop.run(&["sync"]).done();
        fs::set_permissions(shop.data(), fs::Permissions::from_mode(0o500)).unwrap();
        assert_eq!(shop.run(&["sync"]).failed(1), "read_only");
        shop.run_offline(&["status"]).done();
        fs::set_permissions(shop.data(), fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[cfg(unix)]
fn is_superuser() -> bool {
    let id = std::process::Command::new("id").arg("-u").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim() == "0"
}

#[test]
fn an_exported_file_proves_itself_until_it_is_changed() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let out = shop.file("all.csv");
    let out = out.to_str().unwrap();
    let args = ["export", "--from", "2000-01-01", "--to", "2100-01-01", "--as", "Ada", "--out", out];
    let made = shop.run_offline(&args).done();
    assert_eq!(made["journaled"], true);
    let check = |args: &[&str]| {
        Ran::of({
            let mut command = crate::world::tillbook(&["verify", "--json", "--file", out]);
            command.args(args);
            command
        })
    };
    // Anywhere, without the till's folder.
    let good = check(&[]).done();
    assert_eq!((&good["intact"], &good["rows"]), (&true.into(), &made["rows"]));
    let key = good["public_key"].as_str().unwrap().to_owned();
    check(&["--public-key", &key]).done();
    assert_eq!(check(&["--public-key", &"0".repeat(64)]).code, Some(1));
    assert_eq!(shop.run_offline(&["verify", "--file", out]).done()["public_key"], key.as_str());

    let text = fs::read_to_string(out).unwrap();
    let last = text.trim_end().rfind("\r\n").unwrap();
    fs::write(out, &text[..last + 2]).unwrap();
    let bad = check(&[]);
    assert_eq!((bad.code, &bad.json()["intact"]), (Some(1), &false.into()));
    assert!(bad.json()["problems"].as_array().unwrap().len() >= 3, "{}", bad.stdout);
    fs::write(out, &text).unwrap();
    check(&[]).done();
    fs::remove_file(format!("{out}.manifest.json")).unwrap();
    assert_eq!(check(&[]).failed(1), "cannot_read");
}

#[test]
fn an_export_never_replaces_the_till_itself() {
    let shop = Shop::open();
    shop.run(&["sync"]).done();
    let export = |out: &std::path::Path| {
        let args = ["export", "--from", "2026-01-01", "--to", "2026-02-01", "--as", "Ada"];
        let mut command = shop.offline(&args);
        command.arg("--out").arg(out);
        Ran::of(command)
    };
    for name in ["till.db", "mirror.db", "vault.json", "tillbook.json", "till.keyid", "till.db-wal"] {
        assert_eq!(export(&shop.data().join(name)).failed(1), "cannot_write", "{name}");
    }
    #[cfg(unix)]
    {
        let link = shop.file("link.csv");
        std::os::unix::fs::symlink(shop.data().join("till.db"), &link).unwrap();
        assert_eq!(export(&link).failed(1), "cannot_write");
    }
    export(&shop.data().join("march.csv")).done();
    assert_eq!(shop.run_offline(&["verify"]).done()["intact"], true);
}
