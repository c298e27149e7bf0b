//! A shop to test in: a practice Stripe, a line to it, a folder, staff, and a hand that taps cards.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tillbook_practice::{ManualClock, Practice, PracticeOptions, Running};
use tillbook_store::{Access, Clock, FixedClock, SystemClock};
use tillbook_stripe::{ApiKey, Client, ClientOptions, Endpoint, Form, Prepared, Timing};
use tillbook_till::crash::{NeverStops, Stops};
use tillbook_till::view::{CatalogueItem, Payment, Role, Sale};
use tillbook_till::{House, OpenOptions, Pace, SetUp, Signed, open};

use crate::proxy::Proxy;

pub const VISA: &str = "4242424242424242";
pub const DECLINED: &str = "4000000000000002";
pub const STOLEN: &str = "4000000000009979";
pub const PIN: &str = "4711";

/// Waits a moment at most: tests do not sleep out a network's patience.
struct Impatient;

impl Timing for Impatient {
    fn sleep(&self, _: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(Duration::from_millis(2)))
    }

    fn chance_per_mille(&self) -> u32 {
        0
    }
}

fn client_options() -> ClientOptions {
    ClientOptions {
        get_retries: 1,
        unprocessed_retries: 1,
        timing: Arc::new(Impatient),
        ..ClientOptions::default()
    }
}

/// The practice Stripe's clock, read by the till.
struct OneClock(ManualClock);

impl Clock for OneClock {
    fn now_ms(&self) -> i64 {
        tillbook_practice::Clock::now_ms(&self.0)
    }
}

/// Stops at one place, as often as asked.
#[derive(Default)]
pub struct StopAt(pub Mutex<Option<&'static str>>);

impl Stops for StopAt {
    fn stop_at(&self, place: &'static str) -> bool {
        *self.0.lock().unwrap() == Some(place)
    }
}

pub struct Shop {
    pub practice: Option<Running>,
    pub proxy: Option<Proxy>,
    pub folder: TempDir,
    pub clock: Arc<dyn Clock>,
    pub house: House,
    pub ada: Signed,
    pub bob: Signed,
    pub eve: Signed,
}

impl Shop {
    /// With a Stripe: synchronised, set up, staff signed in (a manager, a cashier, an accountant).
    pub async fn open() -> Self {
        Self::open_with(Arc::new(SystemClock), PracticeOptions::default()).await
    }

    /// The same with one clock for both sides, which stands until it is moved.
    pub async fn open_in_time() -> (Self, ManualClock) {
        let hands = ManualClock::at(1_795_300_000_000);
        let practice = PracticeOptions { clock: Arc::new(hands.clone()), ..PracticeOptions::default() };
        (Self::open_with(Arc::new(OneClock(hands.clone())), practice).await, hands)
    }

    async fn open_with(clock: Arc<dyn Clock>, practice: PracticeOptions) -> Self {
        let practice = Practice::start(PracticeOptions { seed: Some(7), ..practice }).unwrap();
        let proxy = Proxy::to(&practice.base_url);
        let folder = TempDir::new().unwrap();
        let house = open(options(&folder, Some((&practice, &proxy)), &clock, Arc::new(NeverStops))).unwrap();
        house
            .mirror
            .sync(house.client.as_ref().unwrap(), &tillbook_mirror::SyncOptions::default(), &|_| {})
            .await
            .unwrap();
        let shop = Self::staffed(Some(practice), Some(proxy), folder, clock, house);
        shop.house.till.follow_mirror().await.unwrap();
        shop
    }

    /// Without a Stripe: a catalogue put into the mirror by hand, and a clock that stands.
    pub fn alone() -> (Self, Arc<FixedClock>) {
        let fixed = Arc::new(FixedClock::at_ms(1_795_000_000_000));
        let clock: Arc<dyn Clock> = Arc::clone(&fixed) as Arc<dyn Clock>;
        let folder = TempDir::new().unwrap();
        let house = open(options(&folder, None, &clock, Arc::new(NeverStops))).unwrap();
        for (number, (name, cents, barcode)) in GOODS.iter().enumerate() {
            let product = serde_json::json!({
                "id": format!("prod_{number}"), "object": "product", "active": true, "name": name, "created": 1_794_000_000,
                "livemode": false, "metadata": { "barcode": barcode, "sku": format!("SKU-{number}"), "category": "Things" },
            });
            let price = serde_json::json!({
                "id": format!("price_{number}"), "object": "price", "active": true, "currency": "usd", "created": 1_794_000_000,
                "livemode": false, "lookup_key": format!("thing_{number}"), "product": format!("prod_{number}"),
                "type": "one_time", "unit_amount": cents, "recurring": null, "metadata": {},
            });
            for object in [product, price] {
                house.mirror.take(object.to_string().as_bytes(), 1_794_000_000_000).unwrap();
            }
        }
        (Self::staffed(None, None, folder, clock, house), fixed)
    }

    fn staffed(
        practice: Option<Running>,
        proxy: Option<Proxy>,
        folder: TempDir,
        clock: Arc<dyn Clock>,
        house: House,
    ) -> Self {
        let ada = house
            .till
            .set_up(&SetUp {
                shop_name: "Corner Shop".to_owned(),
                currency: "usd".to_owned(),
                time_zone: "America/New_York".to_owned(),
                locale: "en-US".to_owned(),
                staff_name: "Ada".to_owned(),
                pin: PIN.to_owned(),
            })
            .unwrap();
        house.till.staff_add(&ada, "Bob", Role::Cashier, PIN).unwrap();
        house.till.staff_add(&ada, "Eve", Role::Accountant, PIN).unwrap();
        let bob = house.till.sign_in("Bob", PIN).unwrap();
        let eve = house.till.sign_in("Eve", PIN).unwrap();
        Self { practice, proxy, folder, clock, house, ada, bob, eve }
    }

    pub fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().unwrap()
    }

    /// The program dies and is started again, with a plug that may be pulled.
    pub fn reopen(self, stops: Arc<dyn Stops>) -> Self {
        let Self { practice, proxy, folder, clock, house, ada, bob, eve } = self;
        drop(house);
        let line = practice.as_ref().zip(proxy.as_ref());
        let house = open(options(&folder, line, &clock, stops)).unwrap();
        Self { practice, proxy, folder, clock, house, ada, bob, eve }
    }

    /// An item that costs at least this much.
    pub fn item_from(&self, cents: i64) -> CatalogueItem {
        let page = self.house.till.catalogue(&self.ada, "", None, 0, 200).unwrap();
        page.items.into_iter().find(|item| item.unit_amount_minor >= cents).unwrap()
    }

    /// A sale of one thing.
    pub fn ring_up(&self) -> Sale {
        let price_id = self.item_from(200).price_id;
        let line = tillbook_till::LineInput { price_id, quantity: 1 };
        self.house.till.sale_ring_up(&self.bob, &[line]).unwrap()
    }

    /// A payment of it on the only reader, started and not yet driven.
    pub fn start_card(&self, sale: &Sale) -> Payment {
        let sale = self.house.till.pay_card_start(&self.bob, &sale.id, None).unwrap();
        sale.payments.last().unwrap().clone()
    }

    /// Sells one thing by card, whole.
    pub async fn sell_by_card(&self) -> Sale {
        let sale = self.ring_up();
        let payment = self.start_card(&sale);
        let hand = self.hand(VISA);
        let paid = self.house.till.drive(&payment.attempt_id).await.unwrap();
        hand.stop();
        paid
    }

    /// A hand that presents this card whenever the reader asks, without the faulty line.
    pub fn hand(&self, number: &'static str) -> Hand {
        self.hand_with_tip(number, 0)
    }

    /// The same, adding a tip on the reader.
    pub fn hand_with_tip(&self, number: &'static str, tip: i64) -> Hand {
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let stripe = self.stripe();
        tokio::spawn(async move {
            let reader = reader_id(&stripe).await;
            let mut round = 0;
            while !stop.load(Ordering::SeqCst) {
                let path = format!("/v1/terminal/readers/{reader}");
                let seen: serde_json::Value = stripe.get(&path, &Form::new()).await.unwrap().json().unwrap();
                if seen["action"]["status"] == "in_progress"
                    && seen["action"]["type"] == "process_payment_intent"
                {
                    round += 1;
                    present(&stripe, &reader, number, tip, round).await;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        Hand(stopped)
    }

    /// Stripe itself, past the faulty line.
    pub fn stripe(&self) -> Client {
        let practice = self.practice.as_ref().unwrap();
        let key = ApiKey::parse(&practice.secret_key).unwrap();
        Client::new(key, Endpoint::parse(&practice.base_url).unwrap(), client_options()).unwrap()
    }

    /// Every PaymentIntent that this shop's till made, as Stripe has it.
    pub async fn intents(&self) -> Vec<serde_json::Value> {
        let form = Form::new().with("limit", 100);
        let page: serde_json::Value =
            self.stripe().get("/v1/payment_intents", &form).await.unwrap().json().unwrap();
        let ours = self.house.identity.till_id.clone();
        let all = page["data"].as_array().unwrap().iter();
        all.filter(|intent| intent["metadata"]["till_id"] == ours.as_str()).cloned().collect()
    }

    /// A GET of one thing.
    pub async fn stripe_get(&self, path: &str) -> serde_json::Value {
        self.stripe().get(path, &Form::new()).await.unwrap().json().unwrap()
    }

    /// A POST as somebody else would send it.
    pub async fn stripe_post(&self, path: &str, form: &Form) -> serde_json::Value {
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let key = format!("elsewhere-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        self.stripe().post(&Prepared::new(path, form, &key).unwrap()).await.unwrap().json().unwrap()
    }

    /// What Stripe has given back of a payment.
    pub async fn refunds_at_stripe(&self, intent: &str) -> Vec<serde_json::Value> {
        let form = Form::new().with("payment_intent", intent).with("limit", 100);
        let page: serde_json::Value = self.stripe().get("/v1/refunds", &form).await.unwrap().json().unwrap();
        page["data"].as_array().unwrap().clone()
    }

    pub async fn sync(&self) {
        let client = self.house.client.as_ref().unwrap();
        self.house.mirror.sync(client, &tillbook_mirror::SyncOptions::default(), &|_| {}).await.unwrap();
        self.house.till.follow_mirror().await.unwrap();
    }
}

/// Takes its card away when it is told to or dropped.
pub struct Hand(Arc<AtomicBool>);

impl Hand {
    pub fn stop(self) {}
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub async fn reader_id(stripe: &Client) -> String {
    let page: serde_json::Value =
        stripe.get("/v1/terminal/readers", &Form::new()).await.unwrap().json().unwrap();
    page["data"][0]["id"].as_str().unwrap().to_owned()
}

async fn present(stripe: &Client, reader: &str, number: &str, tip: i64, round: u32) {
    let path = format!("/v1/test_helpers/terminal/readers/{reader}/present_payment_method");
    let mut card = serde_json::json!({ "type": "card_present", "card_present": { "number": number } });
    if tip > 0 {
        card["amount_tip"] = tip.into();
    }
    let key = format!("tap-{reader}-{number}-{round}-{:?}", std::time::Instant::now());
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    // The payment may have been canceled in this very moment; then there is nothing to present to.
    let _ = stripe.post(&Prepared::new(path, &Form::from(card), &key).unwrap()).await;
}

pub const GOODS: &[(&str, i64, &str)] = &[
    ("Espresso", 250, "4006381333931"),
    ("Flat White", 350, "5901234123457"),
    ("Case of Coffee", 9_900, "04006381333931"),
    ("Penny Sweet", 10, "96385074"),
    ("Tap Water", 0, "12345670"),
    ("Gold Bar", 900_719_925_474_099, "40170725"),
];

pub fn options(
    folder: &TempDir,
    line: Option<(&Running, &Proxy)>,
    clock: &Arc<dyn Clock>,
    stops: Arc<dyn Stops>,
) -> OpenOptions {
    let mut options = OpenOptions::at(folder.path());
    options.access = Access::ReadWrite;
    options.clock = Arc::clone(clock);
    options.stops = stops;
    options.client = Some(client_options());
    options.pace = Some(Pace { poll: Duration::from_millis(5), patience: 4 });
    if let Some((practice, proxy)) = line {
        options.endpoint = Some(Endpoint::parse(&proxy.base_url).unwrap());
        options.key = Some(ApiKey::parse(&practice.secret_key).unwrap());
    }
    options
}
