//! The practice Stripe, mirrored whole.

use tillbook_mirror::{Cancel, Delivered};
use tillbook_practice::{Practice, PracticeOptions};
use tillbook_store::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::house::House;

#[tokio::test]
async fn the_practice_shop_is_mirrored() {
    let practice = Practice::start(PracticeOptions { seed: Some(7), ..PracticeOptions::default() }).unwrap();
    let house = House::beside(&practice.base_url, &practice.secret_key);
    let report = house.sync().await;
    let problems: Vec<_> = report.problems.iter().filter(|problem| problem.code != "not_offered").collect();
    assert!(problems.is_empty(), "{problems:?}");
    let status = house.mirror.status().unwrap();
    for resource in
        ["products", "prices", "customers", "payment_intents", "charges", "balance_transactions", "events"]
    {
        let count =
            status.counts.iter().find(|count| count.resource == resource).map_or(0, |count| count.objects);
        assert!(count > 0, "{resource}");
    }
    assert!(!house.mirror.readers().unwrap().is_empty());
    let again = house.sync().await;
    assert_eq!((again.events, again.differences.len()), (0, 0));
    let full = house.full().await;
    assert_eq!(full.differences, []);
}

#[tokio::test]
async fn the_practice_stripe_delivers_its_own_news_while_it_is_asked_to() {
    let practice = Practice::start(PracticeOptions { seed: Some(7), ..PracticeOptions::default() }).unwrap();
    let house = House::beside(&practice.base_url, &practice.secret_key);
    house.sync().await;
    // A signature is good for five minutes of the clock that made it.
    house.clock.set_ms(SystemClock.now_ms());
    let secret = practice.forward_to(Some("http://127.0.0.1:1/")).unwrap().unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let (cancel, listen) = (Cancel::new(), Box::new(move |delivered| tell.send(delivered).unwrap()));
    let (address, work) = house.mirror.receive(0, vec![secret], cancel.clone(), listen).await.unwrap();
    let served = tokio::spawn(work);
    practice.forward_to(Some(&format!("http://{address}/"))).unwrap();
    let customers = house.number("SELECT count(*) FROM customer");
    create_customer(&practice.base_url, &practice.secret_key).await;
    assert_eq!(told.recv().await, Some(Delivered::Taken { news: true }));
    assert_eq!(house.number("SELECT count(*) FROM customer"), customers + 1);
    practice.forward_to(None).unwrap();
    create_customer(&practice.base_url, &practice.secret_key).await;
    house.sync().await;
    assert_eq!(house.number("SELECT count(*) FROM customer"), customers + 2, "polls bring it all the same");
    assert!(told.try_recv().is_err(), "and nothing was delivered any more");
    cancel.cancel();
    served.await.unwrap();
}

async fn create_customer(base_url: &str, key: &str) {
    let address = base_url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /v1/customers HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 10\r\n\r\nname=Grace"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
