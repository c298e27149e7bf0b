//! Amounts, currencies, rounding, allocation; pure.
