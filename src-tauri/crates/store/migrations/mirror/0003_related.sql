-- What belongs to a record is found from the other side too. Disputes are few, and so are refunds of charges without a
-- PaymentIntent: these indexes cost a backfill nothing that can be measured.
CREATE INDEX dispute_payment_intent ON dispute (payment_intent) WHERE payment_intent IS NOT NULL;
CREATE INDEX dispute_charge ON dispute (charge) WHERE charge IS NOT NULL;
CREATE INDEX refund_charge ON refund (charge) WHERE payment_intent IS NULL;
CREATE INDEX invoice_payment_payment_intent ON invoice_payment (payment_intent) WHERE payment_intent IS NOT NULL;
