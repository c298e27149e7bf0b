//! People, products, prices, discounts, taxes.

use super::*;

pub fn people() -> Result<Vec<Prepared>, Unsendable> {
    let settings = Some(customers::InvoiceSettings { default_payment_method: s("pm_1"), footer: s("f") });
    Ok(vec![
        customers::Create {
            name: s("Zoë"),
            email: s("z@example.com"),
            phone: s("+1"),
            description: s("d"),
            address: address(),
            shipping: shipping(),
            payment_method: s("pm_1"),
            invoice_settings: settings.clone(),
            preferred_locales: vec!["de".into()],
            tax_exempt: s("none"),
            metadata: meta(&["workspace_id", "user_id"]),
            test_clock: s("clock_1"),
            expand: vec!["tax".into()],
        }
        .prepare(K)?,
        customers::Update {
            name: s("Zoë"),
            email: s(""),
            phone: s("+1"),
            description: s("d"),
            address: address(),
            shipping: shipping(),
            invoice_settings: settings,
            preferred_locales: vec!["de".into()],
            tax_exempt: s("exempt"),
            metadata: note(),
            expand: vec!["tax".into()],
        }
        .prepare("cus_1", K)?,
        payment_methods::Attach { customer: "cus_1".into(), expand: vec!["customer".into()] }
            .prepare("pm_1", K)?,
        payment_methods::detach("pm_1", K)?,
        payment_methods::Update {
            billing_details: Some(payment_methods::BillingDetails {
                name: s("A"),
                email: s("a@example.com"),
                phone: s("+1"),
                address: address(),
            }),
            metadata: note(),
            expand: vec!["customer".into()],
        }
        .prepare("pm_1", K)?,
    ])
}

pub fn product() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        products::Create {
            name: "Tea".into(),
            id: s("tea"),
            active: Some(true),
            description: s("d"),
            images: vec!["https://example.com/1.png".into()],
            metadata: meta(&["barcode", "sku", "category"]),
            shippable: Some(true),
            statement_descriptor: s("TEA"),
            tax_code: s("txcd_1"),
            unit_label: s("cup"),
            url: s("https://example.com"),
            expand: vec!["default_price".into()],
        }
        .prepare(K)?,
        products::Update {
            name: s("Tea"),
            active: Some(false),
            default_price: s("price_1"),
            description: s(""),
            images: vec!["https://example.com/1.png".into()],
            metadata: note(),
            tax_code: s("txcd_1"),
            unit_label: s("cup"),
            url: s(""),
            expand: vec!["default_price".into()],
        }
        .prepare("prod_1", K)?,
    ])
}

pub fn price() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        prices::Create {
            currency: "usd".into(),
            unit_amount: Some(2900),
            product: s("prod_1"),
            active: Some(true),
            lookup_key: s("pro-monthly"),
            transfer_lookup_key: Some(true),
            nickname: s("n"),
            recurring: Some(prices::Recurring {
                interval: "month".into(),
                interval_count: Some(1),
                usage_type: s("licensed"),
            }),
            tax_behavior: s("inclusive"),
            metadata: note(),
            expand: vec!["product".into()],
            ..Default::default()
        }
        .prepare(K)?,
        prices::Create {
            currency: "usd".into(),
            unit_amount: Some(0),
            product_data: Some(prices::ProductData {
                name: "Tea".into(),
                metadata: note(),
                tax_code: s("txcd_1"),
                unit_label: s("cup"),
            }),
            ..Default::default()
        }
        .prepare(K)?,
        prices::Update {
            active: Some(false),
            lookup_key: s("tea"),
            transfer_lookup_key: Some(true),
            nickname: s("n"),
            tax_behavior: s("exclusive"),
            metadata: note(),
            expand: vec!["product".into()],
        }
        .prepare("price_1", K)?,
    ])
}

pub fn discounts_and_taxes() -> Result<Vec<Prepared>, Unsendable> {
    Ok(vec![
        coupons::CreateCoupon {
            id: s("STAFF20"),
            name: s("Staff"),
            percent_off: Some(Percent(1250)),
            duration: Some(coupons::Duration::Repeating),
            duration_in_months: Some(3),
            max_redemptions: Some(10),
            redeem_by: Some(2_000_000_000),
            applies_to: Some(coupons::AppliesTo { products: vec!["prod_1".into()] }),
            metadata: note(),
            expand: vec!["applies_to".into()],
            ..Default::default()
        }
        .prepare(K)?,
        coupons::CreateCoupon { amount_off: Some(5), currency: s("usd"), ..Default::default() }.prepare(K)?,
        coupons::UpdateCoupon { name: s("n"), metadata: note() }.prepare("STAFF20", K)?,
        coupons::CreatePromotionCode {
            coupon: "STAFF20".into(),
            code: s("HELLO"),
            active: Some(true),
            customer: s("cus_1"),
            expires_at: Some(2_000_000_000),
            max_redemptions: Some(1),
            restrictions: Some(coupons::Restrictions {
                first_time_transaction: Some(true),
                minimum_amount: Some(5),
                minimum_amount_currency: s("usd"),
            }),
            metadata: note(),
            expand: vec!["promotion.coupon".into()],
        }
        .prepare(K)?,
        coupons::UpdatePromotionCode { active: Some(false), metadata: note() }.prepare("promo_1", K)?,
        tax_rates::Create {
            display_name: "VAT".into(),
            inclusive: true,
            percentage: Percent(1900),
            active: Some(true),
            country: s("DE"),
            description: s("d"),
            jurisdiction: s("DE"),
            state: s("BE"),
            tax_type: s("vat"),
            metadata: note(),
        }
        .prepare(K)?,
        tax_rates::Update {
            display_name: s("VAT"),
            active: Some(false),
            description: s("d"),
            jurisdiction: s("DE"),
            metadata: note(),
        }
        .prepare("txr_1", K)?,
    ])
}
